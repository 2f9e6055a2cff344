//! `/workspaces/{id}/edit`

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::id::WorkspaceId;
use crate::resources::workspaces::model::Workspace;
use crate::ui::actions::workspaces::{WorkspaceUpdate, workspace_read};
use crate::ui::pages::not_found::NotFoundPage;
use crate::ui::parts::page::{Page, TroublePage};
use crate::ui::parts::workspace_form::WorkspaceFields;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn WorkspaceEditPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let Ok(id) = id.parse::<WorkspaceId>() else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let page = async move {
        match workspace_read(id).await {
            Ok(summary) => view! { <Edit workspace=summary.workspace /> }.into_any(),
            Err(trouble) => view! { <TroublePage trouble /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

#[component]
fn Edit(workspace: Workspace) -> impl IntoView {
    let refusal = match (Viewer::current().may_write(), workspace.deleted_at) {
        (false, _) => Some("Only admins may edit workspaces."),
        (true, Some(_)) => Some("This workspace was removed; it cannot be changed any more."),
        (true, None) => None,
    };
    view! {
        <Page title=format!("Edit {}", workspace.name) narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::WORKSPACES>"Workspaces"</a>
                <a href=paths::workspace(workspace.id)>{workspace.name.clone()}</a>
            </nav>
            <h1>{format!("Edit {}", workspace.name)}</h1>
            {match refusal {
                Some(why) => view! { <p class="message message--error">{why}</p> }.into_any(),
                None => view! { <Form workspace /> }.into_any(),
            }}
        </Page>
    }
}

#[component]
fn Form(workspace: Workspace) -> impl IntoView {
    let update = ServerAction::<WorkspaceUpdate>::new();
    let id = workspace.id;
    view! {
        <ActionForm action=update attr:class="card stack">
            <input type="hidden" name="workspace" value=id.to_string() />
            <input type="hidden" name="form_at" value=paths::workspace_edit(id) />
            <WorkspaceFields workspace />
            <div class="actions">
                <button class="button button--primary">"Save"</button>
                <a class="button button--quiet" href=paths::workspace(id)>"Cancel"</a>
            </div>
        </ActionForm>
    }
}
