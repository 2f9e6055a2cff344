//! Reads what the administrative log shows, for admins.

use crate::kernel::text::Email;
use crate::resources::admin_events::model::{AdminEvent, AdminEventFilter, admin_event_position};
use crate::resources::admin_events::ops::admin_event_list;
use crate::resources::people::model::ByPerson;
use crate::resources::people::ops::person_find_by_email;
use crate::ui::server::prelude::*;

/// `action`: its word in the database; `person`: the e-mail address of the actor. An empty text or an unknown action means
/// all.
pub async fn filter(connection: &mut Connection, action: &str, person: &str) -> Outcome<AdminEventFilter> {
    let actor = if person.trim().is_empty() {
        None
    } else {
        let email = Email::parse(person).map_err(|fault| Problem::invalid(Field::Email, fault))?;
        let found = person_find_by_email(connection, &email).await?;
        let person = found.ok_or_else(|| Problem::PersonEmailUnknown(email.to_string()))?;
        Some(ByPerson::OneOf(vec![person.id]))
    };
    let actions = action.parse().ok().into_iter().collect();
    Ok(AdminEventFilter { actions, actor, ..AdminEventFilter::default() })
}

/// The newest first.
pub async fn admin_events(action: &str, person: &str) -> Result<ListPage<AdminEvent>, UiError> {
    read_as_admin(async |connection, context, _| {
        let (filter, sort) =
            (filter(connection, action, person).await?, Sort::descending(EventSortKey::OccurredAt));
        let load = async |connection: &mut _, request: &_| {
            let page = admin_event_list(connection, &filter, &sort, request, false).await?;
            Ok(page.map(|row| row.event))
        };
        list_page(connection, context, "admin-events", load, |event| admin_event_position(&sort, event)).await
    })
    .await
}
