//! The fields of a workspace, to make one and to edit one.

use leptos::prelude::*;

use crate::kernel::text::{DESCRIPTION_MAX, NAME_MAX, WORD_MAX};
use crate::resources::workspaces::model::Workspace;
use crate::resources::workspaces::rules::{paintable, version};
use crate::ui::components::field::{FieldState, in_text_area};
use crate::ui::viewer::{VERSION, Viewer};

/// What was typed before a refusal stands in them, or else what the workspace holds.
#[component]
pub fn WorkspaceFields(#[prop(optional)] workspace: Option<Workspace>) -> impl IntoView {
    let viewer = Viewer::current();
    let version = workspace.as_ref().map(version);
    let is_outdated = version.is_some_and(|version| viewer.is_outdated(version));
    let field = |field: &'static str, of: fn(&Workspace) -> Option<String>| {
        let held = workspace.as_ref().and_then(of).unwrap_or_default();
        let (typed, state) = (viewer.typed_or(field, &held), FieldState::of(&viewer, field));
        let state = if is_outdated { state.beside(&held, &typed) } else { state };
        (typed, state)
    };
    let (name, named) = field("name", |workspace| Some(workspace.name.clone()));
    let (description, described) = field("description", |workspace| workspace.description.clone());
    let (external, known_as) =
        field("external_workspace_id", |workspace| workspace.external_workspace_id.clone());
    let (color, painted) = field("avatar_color", |workspace| workspace.avatar_color.clone());
    let (known_as, painted) = (known_as.hinted("external-hint"), painted.hinted("color-hint"));
    let focus = viewer.focus(&["name", "description", "external_workspace_id", "avatar_color"]);
    view! {
        {version.map(|version| view! { <input type="hidden" name=VERSION value=version.to_string() /> })}
        <div class="field">
            <label for="name">"Name"</label>
            <input
                id="name"
                name="name"
                required
                autofocus=focus == Some("name")
                maxlength=NAME_MAX.to_string()
                aria-invalid=named.invalid()
                aria-describedby=named.described_by()
                value=name
            />
            {named.fault()}
        </div>
        <div class="field">
            <label for="description">"Description"</label>
            <textarea
                id="description"
                name="description"
                rows="3"
                autofocus=focus == Some("description")
                maxlength=DESCRIPTION_MAX.to_string()
                aria-invalid=described.invalid()
                aria-describedby=described.described_by()
            >
                {in_text_area(&description)}
            </textarea>
            {described.fault()}
        </div>
        <div class="field">
            <label for="external_workspace_id">"External id"</label>
            <input
                id="external_workspace_id"
                name="external_workspace_id"
                autofocus=focus == Some("external_workspace_id")
                maxlength=WORD_MAX.to_string()
                spellcheck="false"
                aria-invalid=known_as.invalid()
                aria-describedby=known_as.described_by()
                value=external
            />
            {known_as.fault()}
            <p class="hint" id="external-hint">"What another system calls it. No two workspaces have the same."</p>
        </div>
        <div class="field">
            <label for="avatar_color">"Avatar color"</label>
            <input
                id="avatar_color"
                name="avatar_color"
                autofocus=focus == Some("avatar_color")
                maxlength=WORD_MAX.to_string()
                spellcheck="false"
                placeholder="#3366cc"
                aria-invalid=painted.invalid()
                aria-describedby=painted.described_by()
                value=color
            />
            {painted.fault()}
            <p class="hint" id="color-hint">"A # and six hexadecimal digits. Anything else is kept, and not painted."</p>
        </div>
    }
}

/// The color as a small square, if it is one. An attribute of SVG, since styles are the style sheet's.
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
