//! The box that puts workspaces into a group.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::id::GroupId;
use crate::kernel::text::isolated;
use crate::resources::enrollments::model::Candidate;
use crate::ui::components::entity_links::WorkspaceName;
use crate::ui::components::form_key::FormKey;
use crate::ui::enrollments::actions::EnrollmentEnroll;
use crate::ui::islands::picker::{ENROLL, Searched, WorkspacePicker};
use crate::ui::paths;
use crate::ui::viewer::Viewer;

/// `found` is what the search of `find` brought; without JavaScript it is how one picks.
#[component]
pub fn EnrollBox(group: GroupId, find: String, found: Option<Vec<Candidate>>) -> impl IntoView {
    provide_context(Searched(find.clone()));
    view! {
        <section class="card stack" aria-labelledby="enroll-title">
            <h2 id="enroll-title">"Enroll a workspace"</h2>
            <form class="search" method="get" action=paths::group(group)>
                <WorkspacePicker />
                <button class="button">"Search"</button>
            </form>
            // Filled in and sent by the field above, where there is script.
            <form id=ENROLL method="post" action=EnrollmentEnroll::url() hidden>
                <FormKey />
                <input type="hidden" name="group" value=group.to_string() />
                <input type="hidden" name="workspace" />
                <input type="hidden" name="form_at" />
                <input type="hidden" name="back" value=paths::group(group) />
            </form>
            {found.map(|found| view! { <Found group find found /> })}
        </section>
    }
}

#[component]
fn Found(group: GroupId, find: String, found: Vec<Candidate>) -> impl IntoView {
    if found.is_empty() {
        return view! { <p class="muted" role="status">{format!("No workspace matches “{}”.", isolated(&find))}</p> }
            .into_any();
    }
    view! {
        <ul class="results" aria-label="Workspaces found">
            {found
                .into_iter()
                .map(|candidate| view! { <li class="results__row"><Choice group candidate /></li> })
                .collect_view()}
        </ul>
    }
    .into_any()
}

#[component]
fn Choice(group: GroupId, candidate: Candidate) -> impl IntoView {
    let enroll = ServerAction::<EnrollmentEnroll>::new();
    let Candidate { workspace, name, external_workspace_id, enrolled } = candidate;
    let label = format!("Enroll {name}");
    view! {
        <span><WorkspaceName id=workspace name external_workspace_id /></span>
        {if enrolled {
            view! { <span class="tag">"already in"</span> }.into_any()
        } else {
            view! {
                <ActionForm action=enroll>
                    <FormKey />
                    <input type="hidden" name="group" value=group.to_string() />
                    <input type="hidden" name="workspace" value=workspace.to_string() />
                    <input type="hidden" name="form_at" value=Viewer::current().here />
                    <input type="hidden" name="back" value=paths::group(group) />
                    <button class="button button--small" aria-label=label>"Enroll"</button>
                </ActionForm>
            }
                .into_any()
        }}
    }
}
