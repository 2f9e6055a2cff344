//! The statements that read and end sessions. `session_store.rs` writes them for the session library.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::OperatorSession;
use crate::kernel::id::{OperatorId, SessionId};
use crate::kernel::recency::MAX_CLOCK_SKEW;
use crate::platform::db::statement::execute_counted;
use crate::platform::failure::Outcome;

/// `browser` is the whole User-Agent header.
pub async fn list(
    connection: &mut PgConnection,
    operator: OperatorId,
    current: &str,
    now: DateTime<Utc>,
) -> Outcome<Vec<OperatorSession>> {
    let sessions = sqlx::query_as!(
        OperatorSession,
        r#"SELECT s.public_id AS id, s.signed_in_at AS "signed_in_at!",
                  s.seen_at AS "seen_at!", coalesce(s.user_agent, '') AS "browser!",
                  s.address, s.id = $2 AS "is_current!"
           FROM groupdesk.sessions s JOIN groupdesk.operators o ON o.pk = s.operator_pk
           WHERE o.operator_id = $1 AND s.expiry_date > $3
             AND s.signed_in_at > $3 - interval '24 hours' AND s.signed_in_at <= $4
           ORDER BY s.seen_at DESC, s.public_id"#,
        operator.uuid(),
        current,
        now,
        now + MAX_CLOCK_SKEW,
    );
    Ok(sessions.fetch_all(connection).await?)
}

/// Deletes the operator's sessions: one of them, all except the one with this row id, or all. Returns how many.
pub async fn delete(
    connection: &mut PgConnection,
    operator: OperatorId,
    only: Option<SessionId>,
    except: Option<&str>,
) -> Outcome<u64> {
    let statement = sqlx::query!(
        "DELETE FROM groupdesk.sessions
         WHERE operator_pk = (SELECT pk FROM groupdesk.operators WHERE operator_id = $1)
           AND public_id = coalesce($2, public_id) AND id IS DISTINCT FROM $3",
        operator.uuid(),
        only.map(SessionId::uuid),
        except,
    );
    execute_counted(connection, statement).await
}
