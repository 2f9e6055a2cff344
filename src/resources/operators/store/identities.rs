//! The statements of signing in by an identity provider.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::model::SignedIn;
use super::OperatorRow;
use crate::kernel::id::OperatorId;
use crate::platform::failure::Outcome;

/// Who is linked to a subject of an issuer.
pub(in super::super) struct Linked {
    pub(in super::super) id: OperatorId,
    /// `None`: they may not sign in.
    pub(in super::super) signed_in: Option<SignedIn>,
}

pub(in super::super) async fn find_linked(
    connection: &mut PgConnection,
    issuer: &str,
    subject: &str,
) -> Outcome<Option<Linked>> {
    let row = sqlx::query!(
        r#"SELECT o.operator_id, o.email, o.role, o.session_generation,
                  o.disabled_at IS NOT NULL AS "is_disabled!", p.people_id AS "people_id?",
                  btrim(p.first_name || ' ' || p.last_name) AS person_name
           FROM groupdesk.operator_identities i
           JOIN groupdesk.operators o ON o.pk = i.operator_pk
           LEFT JOIN core_api.peoples p ON p.pk = o.people_pk
           WHERE i.issuer = $1 AND i.subject = $2"#,
        issuer,
        subject,
    )
    .fetch_optional(connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let id = OperatorId::new(row.operator_id);
    let person = row.people_id.filter(|_| !row.is_disabled);
    let signed_in = match person {
        Some(people_id) => {
            let operator = OperatorRow {
                operator_id: row.operator_id,
                email: row.email,
                role: row.role,
                people_id,
                person_name: row.person_name.unwrap_or_default(),
            };
            Some(SignedIn { operator: operator.try_into()?, generation: row.session_generation })
        }
        None => None,
    };
    Ok(Some(Linked { id, signed_in }))
}

/// Did it link them? Not where the subject is linked already, or the operator to another of this issuer. That is
/// looked for first: strangers may try as often as they like, and a row that an index refuses uses up a number of
/// the serial key.
pub(in super::super) async fn link(
    connection: &mut PgConnection,
    id: OperatorId,
    issuer: &str,
    subject: &str,
    now: DateTime<Utc>,
) -> Outcome<bool> {
    let done = sqlx::query!(
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
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Were they linked to any provider?
pub(in super::super) async fn unlink(connection: &mut PgConnection, id: OperatorId) -> Outcome<bool> {
    let done = sqlx::query!(
        "DELETE FROM groupdesk.operator_identities
         WHERE operator_pk = (SELECT pk FROM groupdesk.operators WHERE operator_id = $1)",
        id.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Since when they are linked to a subject of this issuer.
pub(in super::super) async fn linked_at(
    connection: &mut PgConnection,
    id: OperatorId,
    issuer: &str,
) -> Outcome<Option<DateTime<Utc>>> {
    let at = sqlx::query_scalar!(
        "SELECT i.linked_at FROM groupdesk.operator_identities i
           JOIN groupdesk.operators o ON o.pk = i.operator_pk
           WHERE o.operator_id = $1 AND i.issuer = $2",
        id.uuid(),
        issuer,
    )
    .fetch_optional(connection)
    .await?;
    Ok(at)
}
