//! `/workspaces/new`

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::ui::components::{FormButtons, FormPage, PostForm, crumb};
use crate::ui::paths;
use crate::ui::workspaces::actions::WorkspaceCreate;
use crate::ui::workspaces::components::WorkspaceFields;

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
