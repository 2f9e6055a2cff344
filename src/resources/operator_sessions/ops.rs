//! Operations on sessions.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::OperatorSession;
use super::rules::browser_name;
use super::store;
/// Deletes the rows only. The operations on operators end sessions for good, and log why.
pub use super::store::delete_all as operator_sessions_delete;
use crate::kernel::id::{OperatorId, SessionId};
use crate::platform::call::{Call, SelfService};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;
use crate::resources::operators::model::Operator;

/// The valid sessions, last used first. `current` is the row id of the current session.
pub async fn operator_session_list(
    connection: &mut PgConnection,
    operator: OperatorId,
    current: &str,
    now: DateTime<Utc>,
) -> Outcome<Vec<OperatorSession>> {
    let mut sessions = store::list(connection, operator, current, now).await?;
    for session in &mut sessions {
        session.browser = browser_name(&session.browser);
    }
    Ok(sessions)
}

/// Ends one of the operator's own sessions. Returns whether it existed; ending it again is no error.
pub async fn operator_session_end(
    connection: &mut PgConnection,
    call: &Call<SelfService>,
    operator: &Operator,
    id: SessionId,
) -> Outcome<bool> {
    let existed = store::delete(connection, operator.id, id).await?;
    if existed {
        record(connection, call, operator, AdminAction::SessionEnded).await?;
    }
    Ok(existed)
}

/// Ends the operator's own sessions except the current one. Returns how many.
pub async fn operator_sessions_end_others(
    connection: &mut PgConnection,
    call: &Call<SelfService>,
    operator: &Operator,
    current: &str,
) -> Outcome<u64> {
    let ended = store::delete_others(connection, operator.id, current).await?;
    if ended > 0 {
        record(connection, call, operator, AdminAction::SessionsEnded).await?;
    }
    Ok(ended)
}

async fn record(
    connection: &mut PgConnection,
    call: &Call<SelfService>,
    operator: &Operator,
    action: AdminAction,
) -> Outcome<()> {
    let subject = Subject { id: Some(operator.id.uuid()), name: &operator.email };
    admin_event_record(connection, call, action, subject).await
}
