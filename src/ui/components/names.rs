//! Names that link to their pages.

use leptos::prelude::*;

use crate::kernel::actor::{PersonRef, Role, Source};
use crate::kernel::id::{GroupId, WorkspaceId};
use crate::kernel::text::isolated;
use crate::resources::enrollment_events::model::EventActor;
use crate::ui::paths;

#[component]
pub fn WorkspaceName(
    id: WorkspaceId,
    name: String,
    #[prop(optional_no_strip)] external_workspace_id: Option<String>,
    #[prop(optional)] removed: bool,
) -> impl IntoView {
    view! {
        <a class="name" href=paths::workspace(id) dir="auto">{name}</a>
        {external_workspace_id.map(|id| view! { " " <code class="muted">{id}</code> })}
        {removed.then(|| view! { " " <span class="tag tag--danger">"removed"</span> })}
    }
}

#[component]
pub fn GroupName(id: GroupId, name: String, #[prop(optional)] removed: bool) -> impl IntoView {
    view! {
        <a class="name" href=paths::group(id) dir="auto">{name}</a>
        {removed.then(|| view! { " " <span class="tag tag--danger">"removed"</span> })}
    }
}

#[component]
pub fn PersonName(person: Option<PersonRef>) -> impl IntoView {
    match person {
        Some(PersonRef { id, name }) => {
            view! { <a class="who" href=paths::person(id) dir="auto">{name}</a> }.into_any()
        }
        None => view! { <span class="muted">"no one (system)"</span> }.into_any(),
    }
}

/// The actor of an event, and the source if it is not the web interface.
#[component]
pub fn ActorName(actor: EventActor, source: Source, token_name: Option<String>) -> impl IntoView {
    let name = match actor {
        EventActor::Person(person) => view! { <PersonName person=Some(person) /> }.into_any(),
        EventActor::FormerPerson(name) => {
            view! { <span class="who" dir="auto">{name}</span><span class="muted">" (deleted)"</span> }
                .into_any()
        }
        EventActor::System => view! { <PersonName person=None /> }.into_any(),
        EventActor::Unrecorded => view! { <span class="muted">"not recorded"</span> }.into_any(),
    };
    let token = token_name.map(|token| format!(", {}", isolated(&token))).unwrap_or_default();
    let source = match source {
        Source::Web => None,
        Source::Api => Some(format!("API{token}")),
        Source::Cli => Some("command line".to_owned()),
        Source::Import => Some("import".to_owned()),
        Source::Migration => Some("before the log".to_owned()),
    };
    view! { {name} {source.map(|source| view! { " " <span class="tag">{source}</span> })} }
}

/// What an operator with this role may do.
pub const fn role_summary(role: Role) -> &'static str {
    match role {
        Role::Support => "Reads everything, searches the audit log, exports.",
        Role::Admin => "Reads and changes everything, including tokens and operators.",
    }
}
