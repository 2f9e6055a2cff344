//! What can be done with sessions.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::OperatorSession;
use super::rules::browser_name;
use super::store;
use crate::kernel::id::{OperatorId, SessionId};
use crate::platform::call::{Call, Own};
use crate::platform::failure::Outcome;
use crate::resources::admin_events::model::{AdminAction, Subject};
use crate::resources::admin_events::ops::admin_event_record;
use crate::resources::operators::model::Operator;

/// Those that work, last used first. `current`: under what the session that asks is kept.
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

/// Ends one of one's own; one that has ended already is none, which is what was asked for.
pub async fn operator_session_end(
    connection: &mut PgConnection,
    call: &Call<Own>,
    operator: &Operator,
    id: SessionId,
) -> Outcome<bool> {
    let was_there = store::delete(connection, operator.id, id).await?;
    if was_there {
        tell(connection, call, operator, AdminAction::SessionEnded).await?;
    }
    Ok(was_there)
}

/// Ends all of one's own but this one; the answer is how many.
pub async fn operator_sessions_end_others(
    connection: &mut PgConnection,
    call: &Call<Own>,
    operator: &Operator,
    current: &str,
) -> Outcome<u64> {
    let ended = store::delete_others(connection, operator.id, current).await?;
    if ended > 0 {
        tell(connection, call, operator, AdminAction::SessionsEnded).await?;
    }
    Ok(ended)
}

/// Deletes all rows. What ends sessions for good, and tells why, are the operations on operators.
pub async fn operator_sessions_delete(connection: &mut PgConnection, operator: OperatorId) -> Outcome<()> {
    store::delete_all(connection, operator).await
}

async fn tell(
    connection: &mut PgConnection,
    call: &Call<Own>,
    operator: &Operator,
    action: AdminAction,
) -> Outcome<()> {
    let subject = Subject { id: Some(operator.id.uuid()), name: &operator.email };
    admin_event_record(connection, call, action, subject).await
}
