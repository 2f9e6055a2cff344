//! Every statement that touches `core_api.peoples` alone.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, QueryBuilder};
use uuid::Uuid;

use super::model::{NewPerson, Person};
use crate::kernel::id::PersonId;
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::text::Email;
use crate::platform::db::keyset::{Order, SortKey};
use crate::platform::failure::Outcome;

#[derive(sqlx::FromRow)]
struct PersonRow {
    people_id: Uuid,
    first_name: String,
    last_name: String,
    email: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: Option<DateTime<Utc>>,
}

impl From<PersonRow> for Person {
    fn from(row: PersonRow) -> Self {
        Self {
            id: PersonId::new(row.people_id),
            first_name: row.first_name,
            last_name: row.last_name,
            email: row.email,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

pub(super) async fn get(connection: &mut PgConnection, id: PersonId) -> Outcome<Option<Person>> {
    let row = sqlx::query_as!(
        PersonRow,
        r#"SELECT people_id, first_name, last_name, email,
                created_at AS "created_at: DateTime<Utc>", updated_at AS "updated_at: DateTime<Utc>"
         FROM core_api.peoples WHERE people_id = $1"#,
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Person::from))
}

pub(super) async fn find_by_email(connection: &mut PgConnection, email: &Email) -> Outcome<Option<Person>> {
    let row = sqlx::query_as!(
        PersonRow,
        r#"SELECT people_id, first_name, last_name, email,
                created_at AS "created_at: DateTime<Utc>", updated_at AS "updated_at: DateTime<Utc>"
         FROM core_api.peoples WHERE lower(email) = lower($1)"#,
        email.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Person::from))
}

pub(super) async fn list(connection: &mut PgConnection, page: &PageRequest) -> Outcome<Page<Person>> {
    let order =
        Order { keys: vec![SortKey { expression: "p.created_at", descending: true }], id: "p.people_id" };
    let mut query = QueryBuilder::new(
        "SELECT p.people_id, p.first_name, p.last_name, p.email, p.created_at, p.updated_at \
         FROM core_api.peoples p WHERE true",
    );
    order.push_page(&mut query, page);
    let rows: Vec<PersonRow> = query.build_query_as().fetch_all(connection).await?;
    Ok(Page::from_lookahead(rows.into_iter().map(Person::from).collect(), page))
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    new: &NewPerson,
    now: DateTime<Utc>,
) -> Outcome<Person> {
    let row = sqlx::query_as!(
        PersonRow,
        r#"INSERT INTO core_api.peoples (first_name, last_name, email, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $4)
         RETURNING people_id, first_name, last_name, email,
                created_at AS "created_at: DateTime<Utc>", updated_at AS "updated_at: DateTime<Utc>""#,
        new.first_name,
        new.last_name,
        new.email.as_ref().map(Email::as_str),
        now as DateTime<Utc>,
    )
    .fetch_one(connection)
    .await?;
    Ok(row.into())
}

pub(super) async fn delete(connection: &mut PgConnection, id: PersonId) -> Outcome<bool> {
    let done = sqlx::query!("DELETE FROM core_api.peoples WHERE people_id = $1", id.uuid())
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}
