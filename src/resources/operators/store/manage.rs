//! The statements by which admins list and change operators.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::kernel::actor::Role;
use crate::kernel::id::{OperatorId, PersonId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::problem::Problem;
use crate::kernel::text::Email;
use crate::platform::call::{Administer, Call, Includes};
use crate::platform::db::keyset::NewestFirst;
use crate::platform::db::statement::{execute, execute_counted};
use crate::platform::failure::Outcome;
use crate::resources::operators::model::{LockedOperator, OperatorChange, OperatorStatus, OperatorSummary};
use crate::resources::people::model::joined_person;
use crate::resources::rows::{Columns, person_name};

const OPERATORS: NewestFirst = NewestFirst {
    select: concat!(
        "SELECT o.operator_id, p.people_id, ",
        person_name!("p"),
        ", (SELECT max(i.linked_at) FROM groupdesk.operator_identities i WHERE i.operator_pk = o.pk), \
         o.password_hash IS NOT NULL, o.disabled_at, \
         (SELECT max(l.expires_at) FROM groupdesk.sign_in_links l WHERE l.operator_pk = o.pk AND l.used_at IS NULL), \
         o.email, o.role, o.created_at, o.last_signed_in_at"
    ),
    table: "groupdesk.operators",
    alias: "o",
    joins: " LEFT JOIN core_api.peoples p ON p.pk = o.people_pk",
    condition: "true",
    time: "o.created_at",
    id: "o.operator_id",
};

fn read(row: &PgRow, now: DateTime<Utc>) -> Outcome<OperatorSummary> {
    let mut columns = Columns::of(row);
    let id = columns.take()?;
    let person = joined_person(columns.take()?, columns.take()?);
    let linked_at: Option<DateTime<Utc>> = columns.take()?;
    let can_authenticate = columns.take::<bool>()? || linked_at.is_some();
    let status =
        OperatorStatus::of(person.is_some(), can_authenticate, columns.take()?, columns.take()?, now);
    Ok(OperatorSummary {
        id,
        person,
        linked_at,
        status,
        email: columns.take()?,
        role: columns.take()?,
        created_at: columns.take()?,
        last_signed_in_at: columns.take()?,
    })
}

pub async fn operator_list<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    page: &PageRequest,
) -> Outcome<Page<OperatorSummary>> {
    OPERATORS.page(connection, page, |_| (), |row| read(row, call.now)).await
}

/// Fails with `OperatorNotFound`.
pub async fn operator_get<P: Includes<Administer>>(
    connection: &mut PgConnection,
    call: &Call<P>,
    id: OperatorId,
) -> Outcome<OperatorSummary> {
    let operator = OPERATORS.find(connection, id.uuid(), |row| read(row, call.now)).await?;
    operator.ok_or_else(|| Problem::OperatorNotFound(id).into())
}

/// Finds an operator by e-mail address, regardless of case. Fails with `OperatorEmailUnknown`.
pub async fn operator_find<P: Includes<Administer>>(
    connection: &mut PgConnection,
    _: &Call<P>,
    email: &Email,
) -> Outcome<OperatorId> {
    let query = sqlx::query_scalar!(
        r#"SELECT operator_id AS "id: OperatorId" FROM groupdesk.operators
         WHERE lower(email) IN (lower($1), lower(groupdesk.decomposed($1)))
         ORDER BY lower(email) = lower($1) DESC LIMIT 1"#,
        email.as_str(),
    );
    let id = query.fetch_optional(connection).await?;
    id.ok_or_else(|| Problem::OperatorEmailUnknown(email.to_string()).into())
}

/// Locks the operator and all admins (`FOR NO KEY UPDATE`), in the order of their keys so that concurrent calls cannot
/// deadlock.
pub async fn lock_with_admins(connection: &mut PgConnection, id: OperatorId) -> Outcome<Vec<LockedOperator>> {
    let operators = sqlx::query_as!(
        LockedOperator,
        r#"WITH locked AS (
               SELECT * FROM groupdesk.operators WHERE operator_id = $1 OR role = 'admin'
               ORDER BY pk FOR NO KEY UPDATE
           )
           SELECT o.operator_id AS "id!: OperatorId", o.email AS "email!", o.role AS "role!: Role",
                  o.password_hash IS NOT NULL AS "has_password!", o.disabled_at IS NOT NULL AS "is_disabled!",
                  EXISTS (SELECT 1 FROM groupdesk.operator_identities i WHERE i.operator_pk = o.pk) AS "is_linked!",
                  p.people_id AS "person?: PersonId", btrim(p.first_name || ' ' || p.last_name) AS person_name
           FROM locked o LEFT JOIN core_api.peoples p ON p.pk = o.people_pk"#,
        id.uuid(),
    );
    Ok(operators.fetch_all(connection).await?)
}

/// Returns whether this is a change.
pub async fn change(
    connection: &mut PgConnection,
    id: OperatorId,
    change: OperatorChange,
    now: DateTime<Utc>,
) -> Outcome<bool> {
    let statement = match change {
        OperatorChange::Role(role) => sqlx::query!(
            "UPDATE groupdesk.operators SET role = $2, updated_at = $3 WHERE operator_id = $1 AND role <> $2",
            id.uuid(),
            role.into_str(),
            now,
        ),
        OperatorChange::Disable => sqlx::query!(
            "UPDATE groupdesk.operators SET disabled_at = $2, updated_at = $2
             WHERE operator_id = $1 AND disabled_at IS NULL",
            id.uuid(),
            now,
        ),
        OperatorChange::Enable => sqlx::query!(
            "UPDATE groupdesk.operators SET disabled_at = NULL, updated_at = $2
             WHERE operator_id = $1 AND disabled_at IS NOT NULL",
            id.uuid(),
            now,
        ),
        OperatorChange::ClearPassword => sqlx::query!(
            "UPDATE groupdesk.operators SET password_hash = NULL, updated_at = $2 WHERE operator_id = $1",
            id.uuid(),
            now,
        ),
        OperatorChange::Unlink => sqlx::query!(
            "DELETE FROM groupdesk.operator_identities
             WHERE operator_pk = (SELECT pk FROM groupdesk.operators WHERE operator_id = $1)",
            id.uuid(),
        ),
    };
    Ok(execute_counted(connection, statement).await? > 0)
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
