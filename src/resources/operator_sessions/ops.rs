//! Operations on sessions.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::OperatorSession;
use super::rules::browser_name;
use super::store;
use crate::kernel::id::{OperatorId, SessionId};
use crate::platform::call::{Call, SelfService};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::AdminAction;
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
    let existed = store::delete(connection, operator.id, Some(id), None).await? > 0;
    if existed {
        admin_event_record(connection, call, AdminAction::SessionEnded, operator.subject()).await?;
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
    let ended = store::delete(connection, operator.id, None, Some(current)).await?;
    if ended > 0 {
        admin_event_record(connection, call, AdminAction::SessionsEnded, operator.subject()).await?;
    }
    Ok(ended)
}

/// Deletes the rows only. The operations on operators end sessions for good, and log why.
pub async fn operator_sessions_delete(connection: &mut PgConnection, operator: OperatorId) -> Outcome<()> {
    store::delete(connection, operator, None, None).await.map(drop)
}
