//! `/workspaces/{id}/remove`: says what the removal means, and asks.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::id::WorkspaceId;
use crate::kernel::text::isolated;
use crate::resources::workspaces::model::WorkspaceSummary;
use crate::ui::components::{ConfirmPage, FormButtons, PostForm, Refusal, crumb, page_with_id};
use crate::ui::locale::formats::Formats;
use crate::ui::messages::workspace_is_in;
use crate::ui::paths;
use crate::ui::workspaces::actions::WorkspaceRemove;
use crate::ui::workspaces::queries;

#[component]
pub fn WorkspaceRemovalPage() -> impl IntoView {
    page_with_id(async |id| {
        let WorkspaceSummary { workspace, groups } = queries::workspace(id).await?;
        let title = format!("Remove {}?", isolated(&workspace.name));
        Ok(view! {
            <ConfirmPage
                title
                crumbs=vec![
                    crumb(paths::WORKSPACES, "Workspaces"),
                    crumb(paths::workspace(id), workspace.name),
                ]
                explanation="The workspace can be enrolled nowhere any more and leaves the list. Its history stays. This cannot be undone."
                may="remove workspaces"
            >
                {if workspace.deleted_at.is_some() {
                    view! { <Refusal text="It was removed already." /> }.into_any()
                } else if groups > 0 {
                    view! { <StillIn id groups /> }.into_any()
                } else {
                    view! { <RemoveForm id /> }.into_any()
                }}
            </ConfirmPage>
        })
    })
}

#[component]
fn StillIn(id: WorkspaceId, groups: i64) -> impl IntoView {
    let formats = Formats::current();
    view! {
        <Refusal text=workspace_is_in(groups, &formats) />
        <div class="actions">
            <a class="button" href=paths::workspace(id)>
                {format!("See the {}", formats.count(groups, "group", "groups"))}
            </a>
        </div>
    }
}

#[component]
fn RemoveForm(id: WorkspaceId) -> impl IntoView {
    view! {
        <PostForm action=WorkspaceRemove::url() class="actions" hidden=vec![("workspace", id.to_string())]>
            <FormButtons submit="Remove workspace" danger=true cancel=paths::workspace(id) cancel_text="Keep it" />
        </PostForm>
    }
}
