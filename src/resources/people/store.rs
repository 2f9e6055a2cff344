//! Every statement on `core_api.peoples` only.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, QueryBuilder};

use super::model::{NewPerson, Person, PersonFilter, PersonSortKey};
use crate::kernel::id::PersonId;
use crate::kernel::page::{Page, PageRequest, Sort};
use crate::kernel::problem::Problem;
use crate::kernel::text::{Email, normalized_email};
use crate::platform::db::id_filters::IdFilters;
use crate::platform::db::is_taken;
use crate::platform::db::keyset::{Branch, Last, Order, Source};
use crate::platform::db::statement::execute;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::rows::{
    Query, fetch_count, fetch_page, person_columns, person_searchable, push_search, read_present_person,
};

fn push_filter(query: &mut Query<'_>, filter: &PersonFilter) {
    push_search(query, filter.search.as_deref(), &person_searchable("p"), "p.people_id");
    if let Some(email) = &filter.email {
        let email = normalized_email(email);
        query.push(" AND lower(p.email) IN (lower(").push_bind(email.clone());
        query.push("), lower(groupdesk.decomposed(").push_bind(email).push(")))");
    }
}

const fn expression(key: PersonSortKey) -> &'static str {
    match key {
        PersonSortKey::CreatedAt => "p.created_at",
        PersonSortKey::UpdatedAt => "coalesce(p.updated_at, 'infinity'::timestamptz)",
        PersonSortKey::LastName => "lower(p.last_name)",
    }
}

pub async fn person_list(
    connection: &mut PgConnection,
    filter: &PersonFilter,
    sort: &Sort<PersonSortKey>,
    page: &PageRequest,
) -> Outcome<Page<Person>> {
    let order = Order::of(sort, expression, Last::Id("p.people_id"));
    let branches = [Branch::of("true")];
    let (table, alias, id_filters) = ("core_api.peoples", "p", &IdFilters::new([]));
    let source = Source { table, alias, branches: &branches, id_filters };
    let mut query = QueryBuilder::new("SELECT ");
    query.push(person_columns("p")).push(" FROM ");
    order.push_page(&mut query, &source, page, |query, _| push_filter(query, filter));
    query.push(" p");
    order.push_order(&mut query, page);
    fetch_page(connection, query, filter.search.is_some(), page, read_present_person).await
}

/// Exact: the cost grows with the answer.
pub async fn person_count(connection: &mut PgConnection, filter: &PersonFilter) -> Outcome<i64> {
    let mut query = QueryBuilder::new("SELECT count(*) FROM core_api.peoples p WHERE true");
    push_filter(&mut query, filter);
    fetch_count(connection, query, filter.search.is_some()).await
}

/// A statement that returns people. Their columns are inserted between the two parts.
macro_rules! query_people {
    ($before:literal, $after:literal, $($value:expr),+ $(,)?) => {
        sqlx::query_as!(
            Person,
            $before + " people_id AS id, first_name, last_name, email, created_at, updated_at " + $after,
            $($value),+
        )
    };
}

/// Reads the person with this id, and locks the row as the literal requests. Fails with `PersonNotFound`.
macro_rules! person_by_id {
    ($connection:ident, $id:ident, $lock:literal) => {{
        let query = sqlx::query_as!(
            Person,
            "SELECT people_id AS id, first_name, last_name, email, created_at, updated_at
             FROM core_api.peoples WHERE people_id = $1 "
                + $lock,
            $id.uuid(),
        );
        let person = query.fetch_optional($connection).await?;
        person.ok_or_else(|| Problem::PersonNotFound($id).into())
    }};
}

pub async fn person_get(connection: &mut PgConnection, id: PersonId) -> Outcome<Person> {
    person_by_id!(connection, id, "")
}

/// Locks the row until the transaction ends: against changes, but not against new references to it.
pub async fn person_lock_for_no_key_update(connection: &mut PgConnection, id: PersonId) -> Outcome<Person> {
    person_by_id!(connection, id, "FOR NO KEY UPDATE")
}

/// Locks the row until the transaction ends: against changes and against new references to it.
pub async fn person_lock_for_update(connection: &mut PgConnection, id: PersonId) -> Outcome<Person> {
    person_by_id!(connection, id, "FOR UPDATE")
}

/// The person with this e-mail address, regardless of case and of its Unicode form.
pub async fn person_find_by_email(connection: &mut PgConnection, email: &Email) -> Outcome<Option<Person>> {
    let query = query_people!(
        "SELECT",
        "FROM core_api.peoples
         WHERE lower(email) IN (lower($1), lower(groupdesk.decomposed($1)))
         ORDER BY lower(email) = lower($1) DESC LIMIT 1",
        email.as_str(),
    );
    Ok(query.fetch_optional(connection).await?)
}

/// Finds the person with this e-mail address as [`person_find_by_email`] does, other than `except`.
pub async fn holder(
    connection: &mut PgConnection,
    email: &str,
    except: Option<PersonId>,
) -> Outcome<Option<PersonId>> {
    let query = sqlx::query_scalar!(
        r#"SELECT people_id AS "id: PersonId" FROM core_api.peoples
         WHERE lower(email) IN (lower($1), lower(groupdesk.decomposed($1)))
           AND people_id IS DISTINCT FROM $2
         ORDER BY lower(email) = lower($1) DESC LIMIT 1"#,
        email,
        except.map(PersonId::uuid),
    );
    Ok(query.fetch_optional(connection).await?)
}

/// Looks for the e-mail address before inserting, because an insert that the index refuses would use up a number of the
/// serial key. The index decides between concurrent inserts; `ON CONFLICT` keeps the transaction usable, so that the
/// holder of the address can be looked up.
pub async fn insert(connection: &mut PgConnection, new: &NewPerson, now: DateTime<Utc>) -> Outcome<Person> {
    let email = new.email.as_ref().map(Email::as_str);
    let query = query_people!(
        "INSERT INTO core_api.peoples (first_name, last_name, email, created_at, updated_at)
         SELECT $1::text, $2::text, $3::text, $4::timestamptz, $4
         WHERE NOT EXISTS (SELECT 1 FROM core_api.peoples
                           WHERE lower(email) IN (lower($3), lower(groupdesk.decomposed($3))))
         ON CONFLICT DO NOTHING
         RETURNING",
        "",
        new.first_name,
        new.last_name,
        email,
        now,
    );
    match (query.fetch_optional(&mut *connection).await?, email) {
        (Some(person), _) => Ok(person),
        (None, Some(email)) => {
            let person = holder(connection, email, None).await?;
            Err(Problem::EmailTaken { email: email.to_owned(), person }.into())
        }
        (None, None) => Err(Failure::fault("a person without an e-mail address conflicts with another")),
    }
}

/// Keeps `updated_at` at or after `created_at`, because the clocks of two machines may differ.
pub async fn update(connection: &mut PgConnection, person: &Person, now: DateTime<Utc>) -> Outcome<Person> {
    let query = query_people!(
        "UPDATE core_api.peoples
         SET first_name = $2, last_name = $3, email = $4, updated_at = greatest($5, created_at)
         WHERE people_id = $1
         RETURNING",
        "",
        person.id.uuid(),
        person.first_name,
        person.last_name,
        person.email,
        now,
    );
    query.fetch_one(connection).await.map_err(|error| match &person.email {
        // The transaction is aborted, so the concurrent holder of the address cannot be looked up.
        Some(email) if is_taken(&error, "email") => {
            Problem::EmailTaken { email: email.clone(), person: None }.into()
        }
        Some(_) | None => error.into(),
    })
}

pub async fn delete(connection: &mut PgConnection, id: PersonId) -> Outcome<()> {
    execute(connection, sqlx::query!("DELETE FROM core_api.peoples WHERE people_id = $1", id.uuid())).await
}
