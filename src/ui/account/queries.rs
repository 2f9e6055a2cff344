//! Reads what the account page shows.

use crate::resources::operator_sessions::ops::operator_session_list;
use crate::resources::operators::ops::operator_linked_at;
use crate::ui::account::view::{Account, Preferences};
use crate::ui::error::UiError;
use crate::ui::locale::viewer_locale::zones;
use crate::ui::server::session::{RequestContext, read};

pub async fn account() -> Result<Account, UiError> {
    read(async |connection, context| {
        let operator = context.operator()?.clone();
        let (key, now) = (context.session_key(), context.viewer.now);
        let sessions = operator_session_list(connection, operator.id, &key, now).await?;
        let linked_at = match &context.state.provider {
            Some(provider) => operator_linked_at(connection, &operator, provider.issuer()).await?,
            None => None,
        };
        Ok(Account { operator, sessions, linked_at, preferences: preferences(context) })
    })
    .await
}

fn preferences(context: &RequestContext) -> Preferences {
    let locale = context.locale;
    Preferences {
        zones: zones(),
        zone: locale.chosen_zone.map(|zone| zone.to_string()).unwrap_or_default(),
        regions: locale.samples(context.viewer.now),
        region: locale.chosen_region.map(|region| region.to_string()).unwrap_or_default(),
    }
}
