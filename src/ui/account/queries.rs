//! Reads what the account page shows.

use chrono::{DateTime, Utc};

use crate::resources::operator_sessions::model::OperatorSession;
use crate::resources::operator_sessions::ops::operator_session_list;
use crate::resources::operators::model::Operator;
use crate::resources::operators::ops::operator_linked_at;
use crate::ui::server::prelude::*;

/// The viewer, their sessions (the last used first), and since when they are linked to the identity provider.
pub async fn account() -> Result<(Operator, Vec<OperatorSession>, Option<DateTime<Utc>>), UiError> {
    read_on_primary(async |connection, context| {
        let operator = context.operator()?.clone();
        let (key, now) = (context.session_key(), context.viewer.now);
        let sessions = operator_session_list(connection, operator.id, &key, now).await?;
        let linked_at = match &context.state.provider {
            Some(provider) => operator_linked_at(connection, &operator, provider.issuer()).await?,
            None => None,
        };
        Ok((operator, sessions, linked_at))
    })
    .await
}
