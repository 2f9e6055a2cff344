//! Reads what the administrative log shows, for admins.

use crate::kernel::problem::{Field, Problem};
use crate::kernel::text::Email;
use crate::resources::admin_events::model::{AdminEvent, AdminEventFilter, admin_event_position};
use crate::resources::admin_events::ops::admin_event_list;
use crate::resources::people::ops::person_find_by_email;
use crate::ui::error::UiError;
use crate::ui::pagination::ListPage;
use crate::ui::server::lists::list_page;
use crate::ui::server::session::read_as_admin;

/// The newest first. `action`: its word in the database; `person`: the e-mail address of the actor. An empty text or an
/// unknown action means all.
pub async fn admin_events(action: &str, person: &str) -> Result<ListPage<AdminEvent>, UiError> {
    read_as_admin(async |connection, context, call| {
        let actor = if person.trim().is_empty() {
            None
        } else {
            let email = Email::parse(person).map_err(|fault| Problem::invalid(Field::Email, fault))?;
            let found = person_find_by_email(connection, &email).await?;
            Some(found.ok_or_else(|| Problem::PersonEmailUnknown(email.to_string()))?.id)
        };
        let filter = || AdminEventFilter { action: action.parse().ok(), actor };
        let load = async |connection: &mut _, request: &_| {
            admin_event_list(connection, call, filter(), request).await
        };
        list_page(connection, context, "admin-events", load, admin_event_position).await
    })
    .await
}
