//! `/workspaces/{id}/edit`

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::text::isolated;
use crate::resources::workspaces::model::Workspace;
use crate::ui::components::{FormButtons, FormPage, PostForm, Refusal, crumb, page_with_id};
use crate::ui::paths;
use crate::ui::workspaces::actions::WorkspaceUpdate;
use crate::ui::workspaces::components::{ReleaseIdForm, WorkspaceFields};
use crate::ui::workspaces::queries;

#[component]
pub fn WorkspaceEditPage() -> impl IntoView {
    page_with_id(async |id| {
        let workspace = queries::workspace(id).await?.workspace;
        let title = format!("Edit {}", isolated(&workspace.name));
        let above = crumb(paths::workspace(id), workspace.name.clone());
        let crumbs = vec![crumb(paths::WORKSPACES, "Workspaces"), above];
        Ok(view! {
            <FormPage title crumbs may="edit workspaces">
                {if workspace.deleted_at.is_some() {
                    view! { <Removed workspace /> }.into_any()
                } else {
                    view! { <Form workspace /> }.into_any()
                }}
            </FormPage>
        })
    })
}

#[component]
fn Removed(workspace: Workspace) -> impl IntoView {
    let why = match workspace.external_workspace_id {
        Some(_) => "This workspace was removed and can no longer be changed, except for its external id.",
        None => "This workspace was removed and can no longer be changed.",
    };
    view! {
        <Refusal text=why />
        <ReleaseIdForm workspace />
    }
}

#[component]
fn Form(workspace: Workspace) -> impl IntoView {
    let id = workspace.id;
    view! {
        <PostForm action=WorkspaceUpdate::url() hidden=vec![("workspace", id.to_string())]>
            <WorkspaceFields workspace />
            <FormButtons submit="Save" cancel=paths::workspace(id) />
        </PostForm>
    }
}
