//! Names that link to their pages.

use leptos::prelude::*;

use crate::kernel::actor::PersonRef;
use crate::kernel::id::{GroupId, WorkspaceId};
use crate::ui::paths;

/// A workspace's name with its external id.
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

/// A person, or "no one (system)".
#[component]
pub fn PersonName(person: Option<PersonRef>) -> impl IntoView {
    match person {
        Some(PersonRef { id, name }) => {
            view! { <a class="who" href=paths::person(id) dir="auto">{name}</a> }.into_any()
        }
        None => view! { <span class="muted">"no one (system)"</span> }.into_any(),
    }
}
