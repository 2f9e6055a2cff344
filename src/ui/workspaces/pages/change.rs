//! `/workspaces/new`, `/workspaces/{id}/edit` and `/workspaces/{id}/remove`

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::id::WorkspaceId;
use crate::kernel::text::isolated;
use crate::resources::workspaces::model::WorkspaceSummary;
use crate::ui::components::{ConfirmPage, FormButtons, FormPage, PostForm, Refusal, crumb, page_with_id};
use crate::ui::locale::formats::Formats;
use crate::ui::messages::workspace_is_in;
use crate::ui::paths;
use crate::ui::workspaces::actions::{WorkspaceCreate, WorkspaceRemove, WorkspaceUpdate};
use crate::ui::workspaces::components::{ReleaseIdForm, WorkspaceFields};
use crate::ui::workspaces::queries;

#[component]
pub fn NewWorkspacePage() -> impl IntoView {
    view! {
        <FormPage
            title="New workspace"
            crumbs=vec![crumb(paths::WORKSPACES, "Workspaces")]
            may="create workspaces"
        >
            <PostForm action=WorkspaceCreate::url()>
                <WorkspaceFields />
                <FormButtons submit="Create workspace" cancel=paths::WORKSPACES />
            </PostForm>
        </FormPage>
    }
}

/// The links to the list and to the workspace.
fn crumbs(id: WorkspaceId, name: &str) -> Vec<(String, String)> {
    vec![crumb(paths::WORKSPACES, "Workspaces"), crumb(paths::workspace(id), name)]
}

#[component]
pub fn WorkspaceEditPage() -> impl IntoView {
    page_with_id(async |id| {
        let workspace = queries::workspace(id).await?.workspace;
        let (title, crumbs) = (format!("Edit {}", isolated(&workspace.name)), crumbs(id, &workspace.name));
        let form = if workspace.deleted_at.is_none() {
            view! {
                <PostForm action=WorkspaceUpdate::url() hidden=vec![("workspace", id.to_string())]>
                    <WorkspaceFields workspace />
                    <FormButtons submit="Save" cancel=paths::workspace(id) />
                </PostForm>
            }
            .into_any()
        } else {
            let text = match workspace.external_workspace_id {
                Some(_) => {
                    "This workspace was removed and can no longer be changed, except for its external id."
                }
                None => "This workspace was removed and can no longer be changed.",
            };
            view! { <Refusal text /> <ReleaseIdForm workspace /> }.into_any()
        };
        Ok(view! { <FormPage title crumbs may="edit workspaces">{form}</FormPage> })
    })
}

/// Says what the removal means, and asks for confirmation.
#[component]
pub fn WorkspaceRemovalPage() -> impl IntoView {
    page_with_id(async |id| {
        let WorkspaceSummary { workspace, groups } = queries::workspace(id).await?;
        let form = if workspace.deleted_at.is_some() {
            view! { <Refusal text="It was removed already." /> }.into_any()
        } else if groups > 0 {
            let formats = Formats::current();
            let see = format!("See the {}", formats.count(groups, "group", "groups"));
            view! {
                <Refusal text=workspace_is_in(groups, &formats) />
                <div class="actions"><a class="button" href=paths::workspace(id)>{see}</a></div>
            }
            .into_any()
        } else {
            view! {
                <PostForm action=WorkspaceRemove::url() class="actions" hidden=vec![("workspace", id.to_string())]>
                    <FormButtons submit="Remove workspace" danger=true cancel=paths::workspace(id) cancel_text="Keep it" />
                </PostForm>
            }
            .into_any()
        };
        Ok(view! {
            <ConfirmPage
                title=format!("Remove {}?", isolated(&workspace.name))
                crumbs=crumbs(id, &workspace.name)
                explanation="The workspace can no longer be enrolled and leaves the list. Its history stays. This cannot be undone."
                may="remove workspaces"
            >
                {form}
            </ConfirmPage>
        })
    })
}
