//! Every statement that touches `core_api.peoples` alone.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::model::{NewPerson, Person, PersonFilter, PersonSortKey};
use crate::kernel::id::PersonId;
use crate::kernel::page::{Page, PageRequest, Sort};
use crate::kernel::problem::Problem;
use crate::kernel::text::{Email, address};
use crate::platform::db::id_filters::IdFilters;
use crate::platform::db::is_taken;
use crate::platform::db::keyset::{Arm, ArmKey, Last, Order, SortKey, Source};
use crate::platform::db::search::Sought;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::rows::{Columns, person_columns, person_searchable, read_person};

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
        "SELECT people_id, first_name, last_name, email, created_at, updated_at
         FROM core_api.peoples WHERE people_id = $1",
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Person::from))
}

pub(super) async fn find_by_email(connection: &mut PgConnection, email: &Email) -> Outcome<Option<Person>> {
    let row = sqlx::query_as!(
        PersonRow,
        "SELECT people_id, first_name, last_name, email, created_at, updated_at
         FROM core_api.peoples
         WHERE lower(email) IN (lower($1), lower(groupdesk.decomposed($1)))
         ORDER BY lower(email) = lower($1) DESC LIMIT 1",
        email.as_str(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Person::from))
}

const UPDATED_AT: &str = "coalesce(p.updated_at, 'infinity'::timestamptz)";

fn push_filter(query: &mut QueryBuilder<'_, Postgres>, filter: &PersonFilter) {
    if let Some(sought) = filter.search.as_deref().and_then(Sought::new) {
        query.push(" AND ((");
        sought.push_holding(query, &person_searchable("p"));
        query.push(")");
        if let Some((first, last)) = sought.ids {
            query.push(" OR p.people_id BETWEEN ").push_bind(first).push(" AND ").push_bind(last);
        }
        query.push(")");
    }
    if let Some(email) = &filter.email {
        let email = address(email);
        query.push(" AND lower(p.email) IN (lower(").push_bind(email.clone());
        query.push("), lower(groupdesk.decomposed(").push_bind(email).push(")))");
    }
}

pub(super) async fn list(
    connection: &mut PgConnection,
    filter: &PersonFilter,
    sort: &Sort<PersonSortKey>,
    page: &PageRequest,
) -> Outcome<Page<Person>> {
    let expression = |key: PersonSortKey| match key {
        PersonSortKey::CreatedAt => "p.created_at",
        PersonSortKey::UpdatedAt => UPDATED_AT,
        PersonSortKey::LastName => "lower(p.last_name)",
    };
    let keys = sort.0.iter().map(|&(key, descending)| SortKey {
        expression: expression(key),
        descending,
        folded: key == PersonSortKey::LastName,
    });
    let order = Order { keys: keys.collect(), last: Last::Id("p.people_id") };
    let indexed = sort.0.iter().map(|&(key, _)| ArmKey::Indexed(expression(key))).collect();
    let arms = [Arm { condition: "true".into(), keys: indexed, lead: None }];
    let source = Source { table: "core_api.peoples", alias: "p", arms: &arms, by_ids: &IdFilters::new([]) };
    let mut query = QueryBuilder::new("SELECT ");
    query.push(person_columns("p")).push(" FROM ");
    order.push_page(&mut query, &source, page, |query, _| push_filter(query, filter));
    query.push(" p");
    order.push_order(&mut query, page);
    let rows = query.build().persistent(filter.search.is_none()).fetch_all(connection).await?;
    let people = rows.iter().map(|row| read_person(&mut Columns::of(row)));
    let people: Vec<Option<Person>> = people.collect::<Result<_, _>>()?;
    Ok(Page::from_lookahead(people.into_iter().flatten().collect(), page))
}

pub(super) async fn count(connection: &mut PgConnection, filter: &PersonFilter) -> Outcome<i64> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM core_api.peoples p WHERE true");
    push_filter(&mut query, filter);
    Ok(query.build_query_scalar().persistent(filter.search.is_none()).fetch_one(connection).await?)
}

/// Somebody else took the address in this moment. The transaction is at its end, so nobody is left to ask who.
fn taken(error: sqlx::Error, email: Option<&str>) -> Failure {
    match email {
        Some(email) if is_taken(&error, "email") => {
            Problem::EmailTaken { email: email.to_owned(), person: None }.into()
        }
        Some(_) | None => error.into(),
    }
}

/// Who has this e-mail address, whatever its case and whichever of its two forms another system left; somebody other
/// than `apart_from`, to whom it belongs already.
pub(super) async fn holder(
    connection: &mut PgConnection,
    email: &str,
    apart_from: Option<PersonId>,
) -> Outcome<Option<PersonId>> {
    let id = sqlx::query_scalar!(
        "SELECT people_id FROM core_api.peoples
         WHERE lower(email) IN (lower($1), lower(groupdesk.decomposed($1)))
           AND people_id IS DISTINCT FROM $2
         ORDER BY lower(email) = lower($1) DESC LIMIT 1",
        email,
        apart_from.map(PersonId::uuid),
    )
    .fetch_optional(connection)
    .await?;
    Ok(id.map(PersonId::new))
}

/// An address that is taken is looked for first: an insert that the index refuses would use up a number of the
/// serial key. The index decides where two come at once.
pub(super) async fn insert(
    connection: &mut PgConnection,
    new: &NewPerson,
    now: DateTime<Utc>,
) -> Outcome<Person> {
    let email = new.email.as_ref().map(Email::as_str);
    // A conflict is told and not raised: then the transaction lives on, in which its holder is looked up.
    let row = sqlx::query_as!(
        PersonRow,
        "INSERT INTO core_api.peoples (first_name, last_name, email, created_at, updated_at)
         SELECT $1::text, $2::text, $3::text, $4::timestamptz, $4
         WHERE NOT EXISTS (SELECT 1 FROM core_api.peoples
                           WHERE lower(email) IN (lower($3), lower(groupdesk.decomposed($3))))
         ON CONFLICT DO NOTHING
         RETURNING people_id, first_name, last_name, email, created_at, updated_at",
        new.first_name,
        new.last_name,
        email,
        now,
    )
    .fetch_optional(&mut *connection)
    .await?;
    match (row, email) {
        (Some(row), _) => Ok(row.into()),
        (None, Some(email)) => {
            let person = holder(connection, email, None).await?;
            Err(Problem::EmailTaken { email: email.to_owned(), person }.into())
        }
        (None, None) => Err(Failure::fault("a person without an e-mail address met one who is there")),
    }
}

/// Reads it and keeps everybody else from changing it.
pub(super) async fn hold(connection: &mut PgConnection, id: PersonId) -> Outcome<Option<Person>> {
    let row = sqlx::query_as!(
        PersonRow,
        "SELECT people_id, first_name, last_name, email, created_at, updated_at
         FROM core_api.peoples WHERE people_id = $1 FOR NO KEY UPDATE",
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Person::from))
}

/// Reads it and keeps everybody else from changing it, and from putting anything in its name.
pub(super) async fn lock(connection: &mut PgConnection, id: PersonId) -> Outcome<Option<Person>> {
    let row = sqlx::query_as!(
        PersonRow,
        "SELECT people_id, first_name, last_name, email, created_at, updated_at
         FROM core_api.peoples WHERE people_id = $1 FOR UPDATE",
        id.uuid(),
    )
    .fetch_optional(connection)
    .await?;
    Ok(row.map(Person::from))
}

/// Clocks of two machines may disagree: a row is never changed before it was made.
pub(super) async fn update(
    connection: &mut PgConnection,
    person: &Person,
    now: DateTime<Utc>,
) -> Outcome<Person> {
    let row = sqlx::query_as!(
        PersonRow,
        "UPDATE core_api.peoples
         SET first_name = $2, last_name = $3, email = $4, updated_at = greatest($5, created_at)
         WHERE people_id = $1
         RETURNING people_id, first_name, last_name, email, created_at, updated_at",
        person.id.uuid(),
        person.first_name,
        person.last_name,
        person.email,
        now,
    )
    .fetch_one(connection)
    .await
    .map_err(|error| taken(error, person.email.as_deref()))?;
    Ok(row.into())
}

pub(super) async fn delete(connection: &mut PgConnection, id: PersonId) -> Outcome<()> {
    sqlx::query!("DELETE FROM core_api.peoples WHERE people_id = $1", id.uuid()).execute(connection).await?;
    Ok(())
}
