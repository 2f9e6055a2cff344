//! The box that puts a workspace into groups.

use leptos::prelude::*;

use crate::kernel::id::WorkspaceId;
use crate::kernel::text::isolated;
use crate::resources::enrollments::model::GroupCandidate;
use crate::ui::components::entity_links::GroupName;
use crate::ui::components::form_key::FormKey;
use crate::ui::enrollments::actions::EnrollmentEnroll;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

/// `found` is what the search of `find` brought.
#[component]
pub fn EnrollIntoBox(
    workspace: WorkspaceId,
    find: String,
    found: Option<Vec<GroupCandidate>>,
) -> impl IntoView {
    view! {
        <section class="card stack" aria-labelledby="enroll-title">
            <h2 id="enroll-title">"Enroll into a group"</h2>
            <form class="search" method="get" action=paths::workspace(workspace)>
                <label class="visually-hidden" for="find">"Search groups by name"</label>
                <input id="find" name="find" type="search" placeholder="Search groups by name" value=find.clone() />
                <button class="button">"Search"</button>
            </form>
            {found.map(|found| view! { <Found workspace find found /> })}
        </section>
    }
}

#[component]
fn Found(workspace: WorkspaceId, find: String, found: Vec<GroupCandidate>) -> impl IntoView {
    if found.is_empty() {
        return view! { <p class="muted" role="status">{format!("No group matches “{}”.", isolated(&find))}</p> }
            .into_any();
    }
    view! {
        <ul class="results" aria-label="Groups found">
            {found
                .into_iter()
                .map(|candidate| view! { <li class="results__row"><Choice workspace candidate /></li> })
                .collect_view()}
        </ul>
    }
    .into_any()
}

#[component]
fn Choice(workspace: WorkspaceId, candidate: GroupCandidate) -> impl IntoView {
    let enroll = ServerAction::<EnrollmentEnroll>::new();
    let GroupCandidate { group, name, enrolled } = candidate;
    let label = format!("Enroll into {name}");
    view! {
        <span><GroupName id=group name /></span>
        {if enrolled {
            view! { <span class="tag">"already in"</span> }.into_any()
        } else {
            view! {
                <ActionForm action=enroll>
                    <FormKey />
                    <input type="hidden" name="group" value=group.to_string() />
                    <input type="hidden" name="workspace" value=workspace.to_string() />
                    <input type="hidden" name="form_at" value=Viewer::current().here />
                    <input type="hidden" name="back" value=paths::workspace(workspace) />
                    <button class="button button--small" aria-label=label>"Enroll"</button>
                </ActionForm>
            }
                .into_any()
        }}
    }
}
