//! `/workspaces/{id}/remove`: says what removing a workspace means, and asks.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::id::WorkspaceId;
use crate::kernel::text::isolated;
use crate::resources::workspaces::model::WorkspaceSummary;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Forbidden, Page};
use crate::ui::locale::formats::Formats;
use crate::ui::paths;
use crate::ui::viewer::Viewer;
use crate::ui::workspaces::actions::{WorkspaceRemove, workspace_read};

#[component]
pub fn WorkspaceRemovalPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let Ok(id) = id.parse::<WorkspaceId>() else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let page = async move {
        match workspace_read(id).await {
            Ok(summary) => view! { <Confirm summary /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

#[component]
fn Confirm(summary: WorkspaceSummary) -> impl IntoView {
    let WorkspaceSummary { workspace, groups } = summary;
    let id = workspace.id;
    let title = format!("Remove {}?", isolated(&workspace.name));
    let is_removed = workspace.deleted_at.is_some();
    view! {
        <Page title=title.clone() narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::WORKSPACES>"Workspaces"</a>
                <a href=paths::workspace(id)>{workspace.name}</a>
            </nav>
            <div class="card stack">
                <h1>{title}</h1>
                <p>"The workspace can be enrolled nowhere any more and leaves the list. Its history stays. This cannot be undone."</p>
                {match (Viewer::current().may_write(), is_removed, groups) {
                    (false, _, _) => view! { <Forbidden text="Only admins may remove workspaces." /> }.into_any(),
                    (true, true, _) => view! { <p class="message message--error">"It was removed already."</p> }.into_any(),
                    (true, false, 0) => view! { <RemoveForm id /> }.into_any(),
                    (true, false, _) => view! { <StillIn id groups /> }.into_any(),
                }}
            </div>
        </Page>
    }
}

#[component]
fn StillIn(id: WorkspaceId, groups: i64) -> impl IntoView {
    let told = Formats::current().count(groups, "group", "groups");
    view! {
        <p class="message message--error">{format!("The workspace is still in {told}. Remove it there first.")}</p>
        <div class="actions">
            <a class="button" href=paths::workspace(id)>{format!("See the {told}")}</a>
        </div>
    }
}

#[component]
fn RemoveForm(id: WorkspaceId) -> impl IntoView {
    let remove = ServerAction::<WorkspaceRemove>::new();
    view! {
        <ActionForm action=remove attr:class="actions">
            <input type="hidden" name="workspace" value=id.to_string() />
            <input type="hidden" name="form_at" value=paths::workspace_removal(id) />
            <button class="button button--danger">"Remove workspace"</button>
            <a class="button button--quiet" href=paths::workspace(id)>"Keep it"</a>
        </ActionForm>
    }
}
