//! The boxes that enroll a workspace, on the page of a group and on that of the workspace, and searches for candidates.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::id::{GroupId, WorkspaceId};
use crate::kernel::text::isolated;
use crate::resources::enrollments::model::{Candidate, GroupCandidate};
use crate::ui::components::{FormKey, GroupName, PostForm, WorkspaceName};
use crate::ui::enrollments::actions::EnrollmentEnroll;
use crate::ui::islands::picker::{ENROLL_FORM, SearchText, WorkspacePicker};
use crate::ui::paths;

/// Enrolls workspaces in a group. `found`: the result of the search for `find`, which is used without JavaScript.
#[component]
pub fn EnrollBox(group: GroupId, find: String, found: Option<Vec<Candidate>>) -> impl IntoView {
    provide_context(SearchText(find.clone()));
    let back = paths::group(group);
    let results = search_results("workspace", "Workspaces found", &find, found, |candidate| {
        let Candidate { workspace, name, external_workspace_id, enrolled } = candidate;
        let label = format!("Enroll {name}");
        let name = view! { <WorkspaceName id=workspace name external_workspace_id /> }.into_any();
        view! { <Choice name label group workspace enrolled back=back.clone() /> }
    });
    view! {
        <section class="card stack" aria-labelledby="enroll-title">
            <h2 id="enroll-title">"Enroll a workspace"</h2>
            <form class="search" method="get" action=back.clone()>
                <WorkspacePicker />
                <button class="button">"Search"</button>
            </form>
            // The picker above fills in this form and sends it.
            <form id=ENROLL_FORM method="post" action=EnrollmentEnroll::url() hidden>
                <FormKey />
                <input type="hidden" name="group" value=group.to_string() />
                <input type="hidden" name="workspace" />
                <input type="hidden" name="form_at" />
                <input type="hidden" name="back" value=back />
            </form>
            {results}
        </section>
    }
}

/// Enrolls a workspace in groups. `found`: the result of the search for `find`.
#[component]
pub fn EnrollIntoBox(
    workspace: WorkspaceId,
    find: String,
    found: Option<Vec<GroupCandidate>>,
) -> impl IntoView {
    let back = paths::workspace(workspace);
    let results = search_results("group", "Groups found", &find, found, |candidate| {
        let GroupCandidate { group, name, enrolled } = candidate;
        let label = format!("Enroll into {name}");
        let name = view! { <GroupName id=group name /> }.into_any();
        view! { <Choice name label group workspace enrolled back=back.clone() /> }
    });
    view! {
        <section class="card stack" aria-labelledby="enroll-title">
            <h2 id="enroll-title">"Enroll into a group"</h2>
            <SearchForm action=back text="Search groups by name" find />
            {results}
        </section>
    }
}

/// A search for candidates by the parameter `find`.
#[component]
pub fn SearchForm(action: String, text: &'static str, find: String) -> impl IntoView {
    view! {
        <form class="search" method="get" action=action>
            <label class="visually-hidden" for="find">{text}</label>
            <input id="find" name="find" type="search" placeholder=text value=find />
            <button class="button">"Search"</button>
        </form>
    }
}

#[component]
fn Choice(
    /// The name of the candidate, as a link.
    name: AnyView,
    /// The accessible name of the button.
    label: String,
    group: GroupId,
    workspace: WorkspaceId,
    /// The workspace is in the group.
    enrolled: bool,
    back: String,
) -> impl IntoView {
    let hidden = vec![("group", group.to_string()), ("workspace", workspace.to_string()), ("back", back)];
    view! {
        <span>{name}</span>
        {if enrolled {
            view! { <span class="tag">"already in"</span> }.into_any()
        } else {
            view! {
                <PostForm action=EnrollmentEnroll::url() class="" hidden>
                    <button class="button button--small" aria-label=label>"Enroll"</button>
                </PostForm>
            }
                .into_any()
        }}
    }
}

/// The result of a search without JavaScript: a row for each match, or that there is none. `None`: no search was made.
pub fn search_results<T, V: IntoView + 'static>(
    noun: &'static str,
    label: &'static str,
    find: &str,
    found: Option<Vec<T>>,
    row: impl Fn(T) -> V,
) -> Option<AnyView> {
    let found = found?;
    if found.is_empty() {
        let none = format!("No {noun} matches “{}”.", isolated(find));
        return Some(view! { <p class="muted" role="status">{none}</p> }.into_any());
    }
    let rows = found.into_iter().map(|item| view! { <li class="results__row">{row(item)}</li> });
    Some(view! { <ul class="results" aria-label=label>{rows.collect_view()}</ul> }.into_any())
}
