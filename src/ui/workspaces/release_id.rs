//! The box by which a removed workspace releases its external id.

use leptos::prelude::*;

use crate::resources::workspaces::model::Workspace;
use crate::ui::components::form_key::FormKey;
use crate::ui::viewer::Viewer;
use crate::ui::workspaces::actions::WorkspaceReleaseId;

/// All that can still be changed of a removed workspace. There is no box where it has no external id.
#[component]
pub fn ReleaseIdBox(workspace: Workspace) -> impl IntoView {
    let release = ServerAction::<WorkspaceReleaseId>::new();
    let Workspace { id, external_workspace_id, .. } = workspace;
    external_workspace_id.map(|external| {
        view! {
            <ActionForm action=release attr:class="card stack">
                <input type="hidden" name="workspace" value=id.to_string() />
                <input type="hidden" name="form_at" value=Viewer::current().here />
                <FormKey />
                <p>
                    "No other workspace can use the external id " <code>{external}</code> " while this one keeps it."
                </p>
                <label class="check">
                    <input type="checkbox" name="confirmed" value="yes" required />
                    "Release it. This cannot be undone."
                </label>
                <div class="actions">
                    <button class="button">"Release external id"</button>
                </div>
            </ActionForm>
        }
    })
}
