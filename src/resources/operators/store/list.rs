//! The statements that read operators as lists show them.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use super::super::model::{OperatorSummary, StatusFacts};
use crate::kernel::id::OperatorId;
use crate::kernel::page::{Page, PageRequest};
use crate::platform::db::keyset::NewestFirst;
use crate::platform::failure::Outcome;
use crate::resources::people::model::joined_person;
use crate::resources::rows::Columns;
use crate::resources::rows::stored_word;

const OPERATORS: NewestFirst = NewestFirst {
    select: "SELECT o.operator_id, o.email, o.role, p.people_id, \
     btrim(p.first_name || ' ' || p.last_name), o.created_at, o.last_signed_in_at, \
     o.password_hash IS NOT NULL, o.disabled_at, \
     (SELECT max(l.expires_at) FROM groupdesk.sign_in_links l WHERE l.operator_pk = o.pk AND l.used_at IS NULL), \
     (SELECT max(i.linked_at) FROM groupdesk.operator_identities i WHERE i.operator_pk = o.pk)",
    table: "groupdesk.operators",
    alias: "o",
    joins: " LEFT JOIN core_api.peoples p ON p.pk = o.people_pk",
    condition: "true",
    time: "o.created_at",
    id: "o.operator_id",
};

fn read(row: &PgRow, now: DateTime<Utc>) -> Outcome<OperatorSummary> {
    let mut columns = Columns::of(row);
    let id = OperatorId::new(columns.take()?);
    let email = columns.take()?;
    let role = stored_word(columns.take()?)?;
    let person = joined_person(columns.take()?, columns.take()?);
    let (created_at, last_signed_in_at) = (columns.take()?, columns.take()?);
    let (has_password, disabled_at, link_expires_at) = (columns.take()?, columns.take()?, columns.take()?);
    let linked_at: Option<DateTime<Utc>> = columns.take()?;
    let facts = StatusFacts {
        has_person: person.is_some(),
        has_password,
        is_linked: linked_at.is_some(),
        disabled_at,
        link_expires_at,
    };
    let status = facts.status(now);
    Ok(OperatorSummary { id, email, role, person, status, created_at, last_signed_in_at, linked_at })
}

pub async fn get(
    connection: &mut PgConnection,
    id: OperatorId,
    now: DateTime<Utc>,
) -> Outcome<Option<OperatorSummary>> {
    let mut query = OPERATORS.query_where();
    query.push("o.operator_id = ").push_bind(id.uuid());
    let row = query.build().fetch_optional(connection).await?;
    row.map(|row| read(&row, now)).transpose()
}

pub async fn list(
    connection: &mut PgConnection,
    page: &PageRequest,
    now: DateTime<Utc>,
) -> Outcome<Page<OperatorSummary>> {
    OPERATORS.page(connection, page, |_| (), |row| read(row, now)).await
}
