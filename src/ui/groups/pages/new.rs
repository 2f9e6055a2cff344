//! `/groups/new`

use leptos::prelude::*;

use crate::kernel::text::NAME_MAX;
use crate::resources::imports::rules::begins_with_head;
use crate::ui::components::field::{FieldState, in_text_area};
use crate::ui::components::form_key::FormKey;
use crate::ui::components::page::{Forbidden, Page};
use crate::ui::groups::actions::GroupCreate;
use crate::ui::islands::picker::InitialWorkspaces;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn NewGroupPage() -> impl IntoView {
    let viewer = Viewer::current();
    let create = ServerAction::<GroupCreate>::new();
    let name = viewer.typed("name");
    let (picked, pasted) = typed_workspaces(&viewer);
    let named = FieldState::of(&viewer, "name");
    let listed = FieldState::of(&viewer, "pasted");
    let focus = viewer.focus(&["name", "pasted"]);
    view! {
        <Page title="New group" narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb"><a href=paths::GROUPS>"Groups"</a></nav>
            <h1>"New group"</h1>
            {if viewer.may_write() {
                view! {
                    <ActionForm action=create attr:class="card stack">
                        <FormKey />
                        <div class="field">
                            <label for="name">"Name"</label>
                            <input
                                id="name"
                                name="name"
                                required
                                maxlength=NAME_MAX.to_string()
                                aria-invalid=named.invalid()
                                aria-describedby=named.described_by()
                                value=name
                                autofocus=focus == Some("name")
                            />
                            {named.fault()}
                        </div>
                        <fieldset class="stack">
                            <legend>"First workspaces"</legend>
                            <p class="hint">"Optional. The group is created with all of them, or not at all."</p>
                            <InitialWorkspaces />
                            {picked.map(|picked| view! { <PickedBefore picked /> })}
                            <div class="field">
                                <label for="pasted">"Ids or external ids, one a line"</label>
                                <textarea
                                    id="pasted"
                                    name="pasted"
                                    rows="4"
                                    spellcheck="false"
                                    aria-invalid=listed.invalid()
                                    aria-describedby=listed.described_by()
                                    autofocus=focus == Some("pasted")
                                >
                                    {in_text_area(&pasted)}
                                </textarea>
                                {listed.fault()}
                            </div>
                        </fieldset>
                        <div class="actions">
                            <button class="button button--primary">"Create group"</button>
                            <a class="button button--quiet" href=paths::GROUPS>"Cancel"</a>
                        </div>
                    </ActionForm>
                }
                    .into_any()
            } else {
                view! {
                    <Forbidden text="Only admins may create groups." />
                }
                    .into_any()
            }}
        </Page>
    }
}

/// What was picked before a refusal, in a field of its own.
#[component]
fn PickedBefore(picked: String) -> impl IntoView {
    view! {
        <div class="field">
            <label for="picked-before">"Picked workspaces, by id"</label>
            <textarea id="picked-before" name="picked[]" rows="2" spellcheck="false">
                {in_text_area(&picked)}
            </textarea>
        </div>
    }
}

/// What was picked, where it has a field of its own, and what was pasted. After a refusal the page is new, and the
/// choice is not lost: what was picked stands among what was pasted, unless that is a table.
fn typed_workspaces(viewer: &Viewer) -> (Option<String>, String) {
    let (picked, pasted) = (viewer.typed("picked"), viewer.typed("pasted"));
    if picked.trim().is_empty() {
        (None, pasted)
    } else if pasted.trim().is_empty() {
        (None, picked)
    } else if begins_with_head(&pasted) {
        (Some(picked), pasted)
    } else {
        (None, format!("{picked}\n{pasted}"))
    }
}
