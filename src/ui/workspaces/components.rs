//! The pieces that only pages of workspaces have.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::text::{DESCRIPTION_MAX, NAME_MAX, SHORT_TEXT_MAX};
use crate::resources::workspaces::model::Workspace;
use crate::resources::workspaces::rules::{paintable, version};
use crate::ui::components::{FormFields, PostForm, TextArea, TextField};
use crate::ui::workspaces::actions::WorkspaceReleaseId;

#[component]
pub fn WorkspaceFields(#[prop(optional)] workspace: Option<Workspace>) -> impl IntoView {
    let form = FormFields::new(&["name", "description", "external_workspace_id", "avatar_color"])
        .of_version(workspace.as_ref().map(version));
    let value =
        |field: fn(&Workspace) -> Option<String>| workspace.as_ref().and_then(field).unwrap_or_default();
    view! {
        {form.version()}
        <TextField form name="name" value=value(|workspace| Some(workspace.name.clone())) max=NAME_MAX required=true>
            "Name"
        </TextField>
        <TextArea form name="description" value=value(|workspace| workspace.description.clone()) max=DESCRIPTION_MAX>
            "Description"
        </TextArea>
        <TextField
            form
            name="external_workspace_id"
            value=value(|workspace| workspace.external_workspace_id.clone())
            max=SHORT_TEXT_MAX
            no_spellcheck=true
            hint="What another system calls it. No two workspaces have the same."
        >
            "External id"
        </TextField>
        <TextField
            form
            name="avatar_color"
            value=value(|workspace| workspace.avatar_color.clone())
            max=SHORT_TEXT_MAX
            no_spellcheck=true
            placeholder="#3366cc"
            hint="A # and six hexadecimal digits. Anything else is kept, and not painted."
        >
            "Avatar color"
        </TextField>
    }
}

/// The form by which a removed workspace releases its external id, the only value of it that can still change.
/// Nothing where it has none.
#[component]
pub fn ReleaseIdForm(workspace: Workspace) -> impl IntoView {
    let Workspace { id, external_workspace_id, .. } = workspace;
    external_workspace_id.map(|external| {
        view! {
            <PostForm action=WorkspaceReleaseId::url() hidden=vec![("workspace", id.to_string())]>
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
            </PostForm>
        }
    })
}

/// The color as a small square, if it is a color. SVG, since the Content-Security-Policy forbids inline styles.
#[component]
pub fn Swatch(color: Option<String>) -> impl IntoView {
    color.as_deref().and_then(paintable).map(|fill| {
        view! {
            <svg class="swatch" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
                <rect width="12" height="12" rx="3" fill=fill />
            </svg>
            " "
        }
    })
}
