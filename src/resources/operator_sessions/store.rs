//! The statements that read and end sessions. The one that writes them is the session library's store,
//! `platform/session.rs`.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::OperatorSession;
use crate::kernel::id::{OperatorId, SessionId};
use crate::kernel::recency::CLOCKS_DIFFER;
use crate::platform::failure::Outcome;

/// `browser` is what it sent of itself, whole.
pub(super) async fn list(
    connection: &mut PgConnection,
    operator: OperatorId,
    current: &str,
    now: DateTime<Utc>,
) -> Outcome<Vec<OperatorSession>> {
    let rows = sqlx::query!(
        r#"SELECT s.public_id, s.signed_in_at AS "signed_in_at!",
                  s.seen_at AS "seen_at!", coalesce(s.user_agent, '') AS "user_agent!",
                  s.address, s.id = $2 AS "is_current!"
           FROM groupdesk.sessions s JOIN groupdesk.operators o ON o.pk = s.operator_pk
           WHERE o.operator_id = $1 AND s.expiry_date > $3
             AND s.signed_in_at > $3 - interval '24 hours' AND s.signed_in_at <= $4
           ORDER BY s.seen_at DESC, s.public_id"#,
        operator.uuid(),
        current,
        now,
        now + CLOCKS_DIFFER,
    )
    .fetch_all(connection)
    .await?;
    let sessions = rows.into_iter().map(|row| OperatorSession {
        id: SessionId::new(row.public_id),
        signed_in_at: row.signed_in_at,
        seen_at: row.seen_at,
        browser: row.user_agent,
        address: row.address,
        is_current: row.is_current,
    });
    Ok(sessions.collect())
}

/// Was it there?
pub(super) async fn delete(
    connection: &mut PgConnection,
    operator: OperatorId,
    id: SessionId,
) -> Outcome<bool> {
    let done = sqlx::query!(
        "DELETE FROM groupdesk.sessions
         WHERE public_id = $2 AND operator_pk = (SELECT pk FROM groupdesk.operators WHERE operator_id = $1)",
        operator.uuid(),
        id.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

pub(super) async fn delete_others(
    connection: &mut PgConnection,
    operator: OperatorId,
    current: &str,
) -> Outcome<u64> {
    let done = sqlx::query!(
        "DELETE FROM groupdesk.sessions
         WHERE id <> $2 AND operator_pk = (SELECT pk FROM groupdesk.operators WHERE operator_id = $1)",
        operator.uuid(),
        current,
    )
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn delete_all(connection: &mut PgConnection, operator: OperatorId) -> Outcome<()> {
    sqlx::query!(
        "DELETE FROM groupdesk.sessions
         WHERE operator_pk = (SELECT pk FROM groupdesk.operators WHERE operator_id = $1)",
        operator.uuid(),
    )
    .execute(connection)
    .await?;
    Ok(())
}
