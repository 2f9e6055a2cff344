//! Of the administrative log, for admins.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::kernel::actor::PersonRef;
use crate::resources::admin_events::model::AdminEvent;
use crate::ui::error::UiError;
use crate::ui::pagination::ListPage;

/// A page of the log, and by whom it is filtered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AdminLog {
    pub page: ListPage<AdminEvent>,
    pub person: Option<PersonRef>,
}

/// Newest first. `action`: its word in the database, or empty for all; `person`: the e-mail address of
/// who did it, or empty for all.
#[server(prefix = "/api/fn", endpoint = "admin-events-read")]
pub async fn admin_events_read(
    action: String,
    person: String,
    after: Option<String>,
    before: Option<String>,
) -> Result<AdminLog, UiError> {
    use crate::kernel::problem::{Field, Problem};
    use crate::kernel::text::Email;
    use crate::resources::admin_events::model::{AdminAction, AdminEventFilter, admin_event_position};
    use crate::resources::admin_events::ops::admin_event_list;
    use crate::resources::people::ops::person_find_by_email;
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read_as_admin;
    read_as_admin(async |connection, visit, call| {
        let key = visit.state.cursor_key(connection).await?;
        let request = list_request(key, "admin-events", after.as_deref(), before.as_deref())?;
        let person = if person.trim().is_empty() {
            None
        } else {
            let email = Email::parse(&person).map_err(|fault| Problem::invalid(Field::Email, fault))?;
            let found = person_find_by_email(connection, &email).await?;
            Some(found.ok_or_else(|| Problem::PersonEmailUnknown(email.to_string()))?.reference())
        };
        let filter = AdminEventFilter {
            action: AdminAction::from_word(&action),
            actor: person.as_ref().map(|person| person.id),
        };
        let page = admin_event_list(connection, call, filter, &request).await?;
        Ok(AdminLog { page: list_page(page, key, "admin-events", admin_event_position), person })
    })
    .await
}
