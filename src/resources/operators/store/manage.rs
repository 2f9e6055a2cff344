//! The statements by which admins manage operators.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::model::LockedOperator;
use crate::kernel::actor::Role;
use crate::kernel::id::OperatorId;
use crate::kernel::text::Email;
use crate::platform::db::statement::execute;
use crate::platform::failure::Outcome;
use crate::resources::people::model::joined_person;
use crate::resources::rows::stored_word;

pub async fn find_by_email(connection: &mut PgConnection, email: &Email) -> Outcome<Option<OperatorId>> {
    let query = sqlx::query_scalar!(
        "SELECT operator_id FROM groupdesk.operators
         WHERE lower(email) IN (lower($1), lower(groupdesk.decomposed($1)))
         ORDER BY lower(email) = lower($1) DESC LIMIT 1",
        email.as_str(),
    );
    let id = query.fetch_optional(connection).await?;
    Ok(id.map(OperatorId::new))
}

/// Locks the operator and all admins (`FOR NO KEY UPDATE`), in the order of their keys so that concurrent calls cannot
/// deadlock.
pub async fn lock_with_admins(connection: &mut PgConnection, id: OperatorId) -> Outcome<Vec<LockedOperator>> {
    let query = sqlx::query!(
        r#"WITH locked AS (
               SELECT * FROM groupdesk.operators WHERE operator_id = $1 OR role = 'admin'
               ORDER BY pk FOR NO KEY UPDATE
           )
           SELECT o.operator_id AS "operator_id!", o.email AS "email!", o.role AS "role!",
                  o.password_hash IS NOT NULL AS "has_password!", o.disabled_at IS NOT NULL AS "is_disabled!",
                  EXISTS (SELECT 1 FROM groupdesk.operator_identities i WHERE i.operator_pk = o.pk) AS "is_linked!",
                  p.people_id AS "people_id?", btrim(p.first_name || ' ' || p.last_name) AS person_name
           FROM locked o LEFT JOIN core_api.peoples p ON p.pk = o.people_pk"#,
        id.uuid(),
    );
    let rows = query.fetch_all(connection).await?;
    rows.into_iter()
        .map(|row| {
            Ok(LockedOperator {
                id: OperatorId::new(row.operator_id),
                email: row.email,
                role: stored_word(&row.role)?,
                person: joined_person(row.people_id, row.person_name),
                is_disabled: row.is_disabled,
                has_password: row.has_password,
                is_linked: row.is_linked,
            })
        })
        .collect()
}

pub async fn set_role(
    connection: &mut PgConnection,
    id: OperatorId,
    role: Role,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.operators SET role = $2, updated_at = $3 WHERE operator_id = $1",
        id.uuid(),
        role.into_str(),
        now,
    );
    execute(connection, statement).await
}

pub async fn set_disabled(
    connection: &mut PgConnection,
    id: OperatorId,
    since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.operators SET disabled_at = $2, updated_at = $3 WHERE operator_id = $1",
        id.uuid(),
        since,
        now,
    );
    execute(connection, statement).await
}

pub async fn clear_password(
    connection: &mut PgConnection,
    id: OperatorId,
    now: DateTime<Utc>,
) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.operators SET password_hash = NULL, updated_at = $2 WHERE operator_id = $1",
        id.uuid(),
        now,
    );
    execute(connection, statement).await
}

pub async fn end_links(connection: &mut PgConnection, id: OperatorId, now: DateTime<Utc>) -> Outcome<()> {
    let statement = sqlx::query!(
        "UPDATE groupdesk.sign_in_links SET used_at = $2
         WHERE used_at IS NULL AND operator_pk = (SELECT pk FROM groupdesk.operators WHERE operator_id = $1)",
        id.uuid(),
        now,
    );
    execute(connection, statement).await
}
