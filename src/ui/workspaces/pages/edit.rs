//! `/workspaces/{id}/edit`

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::id::WorkspaceId;
use crate::kernel::text::isolated;
use crate::resources::workspaces::model::Workspace;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Forbidden, Page};
use crate::ui::paths;
use crate::ui::viewer::Viewer;
use crate::ui::workspaces::actions::{WorkspaceUpdate, workspace_read};
use crate::ui::workspaces::components::WorkspaceFields;
use crate::ui::workspaces::release_id::ReleaseIdBox;

#[component]
pub fn WorkspaceEditPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let Ok(id) = id.parse::<WorkspaceId>() else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let page = async move {
        match workspace_read(id).await {
            Ok(summary) => view! { <Edit workspace=summary.workspace /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

#[component]
fn Edit(workspace: Workspace) -> impl IntoView {
    let (id, name) = (workspace.id, workspace.name.clone());
    let form = match (Viewer::current().may_write(), workspace.deleted_at) {
        (false, _) => view! { <Forbidden text="Only admins may edit workspaces." /> }.into_any(),
        (true, Some(_)) => {
            let why = match workspace.external_workspace_id {
                Some(_) => {
                    "This workspace was removed; it cannot be changed any more, except for its external id."
                }
                None => "This workspace was removed; it cannot be changed any more.",
            };
            view! {
                <p class="message message--error">{why}</p>
                <ReleaseIdBox workspace />
            }
            .into_any()
        }
        (true, None) => view! { <Form workspace /> }.into_any(),
    };
    let title = format!("Edit {}", isolated(&name));
    view! {
        <Page title=title.clone() narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::WORKSPACES>"Workspaces"</a>
                <a href=paths::workspace(id)>{name}</a>
            </nav>
            <h1>{title}</h1>
            {form}
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
