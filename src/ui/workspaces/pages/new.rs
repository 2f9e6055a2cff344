//! `/workspaces/new`

use leptos::prelude::*;

use crate::ui::components::form_key::FormKey;
use crate::ui::components::page::{Forbidden, Page};
use crate::ui::paths;
use crate::ui::viewer::Viewer;
use crate::ui::workspaces::actions::WorkspaceCreate;
use crate::ui::workspaces::components::WorkspaceFields;

#[component]
pub fn NewWorkspacePage() -> impl IntoView {
    let create = ServerAction::<WorkspaceCreate>::new();
    view! {
        <Page title="New workspace" narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb"><a href=paths::WORKSPACES>"Workspaces"</a></nav>
            <h1>"New workspace"</h1>
            {if Viewer::current().may_write() {
                view! {
                    <ActionForm action=create attr:class="card stack">
                        <FormKey />
                        <WorkspaceFields />
                        <div class="actions">
                            <button class="button button--primary">"Create workspace"</button>
                            <a class="button button--quiet" href=paths::WORKSPACES>"Cancel"</a>
                        </div>
                    </ActionForm>
                }
                    .into_any()
            } else {
                view! { <Forbidden text="Only admins may create workspaces." /> }
                    .into_any()
            }}
        </Page>
    }
}
