//! The statements of signing in through an identity provider.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::model::{Operator, SignedIn};
use super::{AccountRow, query_accounts};
use crate::kernel::id::OperatorId;
use crate::platform::db::statement::execute_counted;
use crate::platform::failure::Outcome;

/// The operator who is linked to this subject of the issuer; without the `SignedIn` if they may not sign in.
pub async fn find_linked(
    connection: &mut PgConnection,
    issuer: &str,
    subject: &str,
) -> Outcome<Option<(OperatorId, Option<SignedIn>)>> {
    let query = query_accounts!(
        "JOIN groupdesk.operator_identities i ON i.operator_pk = o.pk WHERE i.issuer = $1 AND i.subject = $2",
        issuer,
        subject,
    );
    let Some(row) = query.fetch_optional(connection).await? else { return Ok(None) };
    let id = OperatorId::new(row.operator_id);
    Ok(Some((id, row.for_sign_in()?.map(|account| account.signed_in))))
}

/// Links the operator. Returns false if the subject is linked already, or the operator to another subject of this issuer.
/// Both are looked for first: strangers may try as often as they like, and a row that an index refuses uses up a number
/// of the serial key.
pub async fn link(
    connection: &mut PgConnection,
    id: OperatorId,
    issuer: &str,
    subject: &str,
    now: DateTime<Utc>,
) -> Outcome<bool> {
    let statement = sqlx::query!(
        "INSERT INTO groupdesk.operator_identities (operator_pk, issuer, subject, linked_at)
         SELECT o.pk, $2::text, $3::text, $4::timestamptz FROM groupdesk.operators o
         WHERE o.operator_id = $1
           AND NOT EXISTS (SELECT 1 FROM groupdesk.operator_identities i
                           WHERE i.issuer = $2 AND (i.subject = $3 OR i.operator_pk = o.pk))
         ON CONFLICT DO NOTHING",
        id.uuid(),
        issuer,
        subject,
        now,
    );
    Ok(execute_counted(connection, statement).await? == 1)
}

/// Deletes the operator's links to providers. Returns whether there was one.
pub async fn unlink(connection: &mut PgConnection, id: OperatorId) -> Outcome<bool> {
    let statement = sqlx::query!(
        "DELETE FROM groupdesk.operator_identities
         WHERE operator_pk = (SELECT pk FROM groupdesk.operators WHERE operator_id = $1)",
        id.uuid(),
    );
    Ok(execute_counted(connection, statement).await? > 0)
}

/// When this operator was linked to a subject of the issuer.
pub async fn linked_at(
    connection: &mut PgConnection,
    operator: &Operator,
    issuer: &str,
) -> Outcome<Option<DateTime<Utc>>> {
    let at = sqlx::query_scalar!(
        "SELECT i.linked_at FROM groupdesk.operator_identities i
           JOIN groupdesk.operators o ON o.pk = i.operator_pk
           WHERE o.operator_id = $1 AND i.issuer = $2",
        operator.id.uuid(),
        issuer,
    );
    Ok(at.fetch_optional(connection).await?)
}
