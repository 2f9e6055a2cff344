//! Of people.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::kernel::id::PersonId;
use crate::resources::enrollment_events::model::EnrollmentEvent;
use crate::resources::people::model::{Person, PersonTraces};
use crate::resources::workspace_groups::model::GroupSummary;
use crate::ui::components::pager::ListPage;
use crate::ui::error::UiError;

/// People whose name or e-mail address holds the text. An order that there is not leaves it at the
/// usual one, by last name.
#[server(prefix = "/api/fn", endpoint = "people-read")]
pub async fn people_read(
    search: String,
    sort: String,
    after: Option<String>,
    before: Option<String>,
) -> Result<ListPage<Person>, UiError> {
    use crate::kernel::page::Sort;
    use crate::resources::people::model::{PersonFilter, PersonSortKey, person_position};
    use crate::resources::people::ops::person_list;
    use crate::ui::pagination::{list_page, list_request, searched};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let key = visit.state.cursor_key(connection).await?;
        let sort = Sort::from_word(&sort).unwrap_or_else(|| Sort(vec![(PersonSortKey::LastName, false)]));
        let list = format!("people {}", sort.words());
        let request = list_request(key, &list, after.as_deref(), before.as_deref())?;
        let filter = PersonFilter { search: searched(&search), ..PersonFilter::default() };
        let page = person_list(connection, &filter, &sort, &request).await?;
        Ok(list_page(page, key, &list, |person| person_position(&sort, person)))
    })
    .await
}

/// A person, and what stands in their name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonDetails {
    pub person: Person,
    pub traces: PersonTraces,
}

#[server(prefix = "/api/fn", endpoint = "person-read")]
pub async fn person_read(person: PersonId) -> Result<PersonDetails, UiError> {
    use crate::resources::people::ops::{person_get, person_traces};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let found = person_get(connection, person).await?;
        Ok(PersonDetails { person: found, traces: person_traces(connection, person, visit.now()).await? })
    })
    .await
}

/// What the person did to enrollments, the last first.
#[server(prefix = "/api/fn", endpoint = "person-activity-read")]
pub async fn person_activity_read(
    person: PersonId,
    after: Option<String>,
    before: Option<String>,
) -> Result<ListPage<EnrollmentEvent>, UiError> {
    use crate::kernel::page::Sort;
    use crate::resources::enrollment_events::model::{
        EventFilter, EventInclude, EventSortKey, event_position,
    };
    use crate::resources::enrollment_events::ops::event_list;
    use crate::resources::people::model::ByPerson;
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let key = visit.state.cursor_key(connection).await?;
        let request = list_request(key, "person activity", after.as_deref(), before.as_deref())?;
        let filter = EventFilter { actor: Some(ByPerson::OneOf(vec![person])), ..EventFilter::default() };
        let sort = Sort::descending(EventSortKey::OccurredAt);
        let page = event_list(connection, &filter, &sort, &request, EventInclude::default()).await?;
        let page = page.map(|with| with.event);
        Ok(list_page(page, key, "person activity", |event| event_position(&sort, event)))
    })
    .await
}

/// The groups that the person created, the newest first, removed ones too.
#[server(prefix = "/api/fn", endpoint = "person-groups-read")]
pub async fn person_groups_read(
    person: PersonId,
    after: Option<String>,
    before: Option<String>,
) -> Result<ListPage<GroupSummary>, UiError> {
    use crate::kernel::page::{NamedSortKey, Sort, Status};
    use crate::resources::people::model::ByPerson;
    use crate::resources::workspace_groups::model::{GroupFilter, group_position};
    use crate::resources::workspace_groups::ops::group_summaries;
    use crate::ui::pagination::{list_page, list_request};
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let key = visit.state.cursor_key(connection).await?;
        let request = list_request(key, "person groups", after.as_deref(), before.as_deref())?;
        let filter = GroupFilter {
            created_by: Some(ByPerson::OneOf(vec![person])),
            status: Status::Any,
            ..GroupFilter::default()
        };
        let sort = Sort::descending(NamedSortKey::CreatedAt);
        let page = group_summaries(connection, &filter, &sort, &request).await?;
        Ok(list_page(page, key, "person groups", |summary| group_position(&sort, &summary.group)))
    })
    .await
}

#[server(prefix = "/api/fn", endpoint = "person-create")]
pub async fn person_create(
    first_name: String,
    last_name: String,
    #[server(default)] email: String,
) -> Result<(), UiError> {
    use crate::resources::people::ops;
    use crate::ui::flash::Notice;
    use crate::ui::paths;
    use crate::ui::server::forms::PersonForm;
    use crate::ui::server::session::{Changed, change};
    let typed =
        [("first_name", first_name.clone()), ("last_name", last_name.clone()), ("email", email.clone())];
    let typed = typed.map(|(field, text)| (field.to_owned(), text)).into();
    change(paths::NEW_PERSON, typed, async |connection, call| {
        let form = PersonForm { first_name: &first_name, last_name: &last_name, email: &email };
        let made = ops::person_create(connection, call, &form.read()?).await?;
        let notice = Notice::PersonCreated { person: made.reference() };
        Ok(Changed { notice, go_to: paths::person(made.id) })
    })
    .await
}

/// Sets all fields; what is empty is to be empty. `version`: as the form showed it; `form_at`: the page of the
/// form.
#[server(prefix = "/api/fn", endpoint = "person-update")]
pub async fn person_update(
    person: String,
    first_name: String,
    last_name: String,
    #[server(default)] email: String,
    #[server(default)] version: String,
    form_at: String,
) -> Result<(), UiError> {
    use crate::resources::people::ops;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::Notice;
    use crate::ui::paths;
    use crate::ui::server::forms::PersonForm;
    use crate::ui::server::session::{Changed, change};
    use crate::ui::viewer::VERSION;
    let typed = [
        ("first_name", first_name.clone()),
        ("last_name", last_name.clone()),
        ("email", email.clone()),
        (VERSION, version.clone()),
    ];
    let typed = typed.map(|(field, text)| (field.to_owned(), text)).into();
    change(&form_at, typed, async |connection, call| {
        let id = form_id(&person)?;
        let form = PersonForm { first_name: &first_name, last_name: &last_name, email: &email };
        let seen = form_id(&version)?;
        let saved = ops::person_update_as_seen(connection, call, id, seen, form.change()?).await?;
        let notice = Notice::PersonSaved { person: saved.reference() };
        Ok(Changed { notice, go_to: paths::person(id) })
    })
    .await
}

/// Deletes for good. `name`: typed to confirm who is meant.
#[server(prefix = "/api/fn", endpoint = "person-delete")]
pub async fn person_delete(person: String, name: String, form_at: String) -> Result<(), UiError> {
    use crate::resources::people::ops::person_delete_confirmed;
    use crate::ui::enrollments::details::form_id;
    use crate::ui::flash::Notice;
    use crate::ui::paths;
    use crate::ui::server::session::{Changed, change};
    let typed = [("name".to_owned(), name.clone())].into();
    change(&form_at, typed, async |connection, call| {
        let id = form_id(&person)?;
        let (gone, traces) = person_delete_confirmed(connection, call, id, &name).await?;
        let notice = Notice::PersonDeleted { name: gone.display_name(), enrollments: traces.enrollments() };
        Ok(Changed { notice, go_to: paths::PEOPLE.to_owned() })
    })
    .await
}
