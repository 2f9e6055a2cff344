//! `/groups/new` and `/groups/{id}/remove`

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::text::{NAME_MAX, isolated};
use crate::resources::imports::rules::begins_with_head;
use crate::resources::workspace_groups::model::GroupSummary;
use crate::ui::components::{
    ConfirmPage, FieldState, FormButtons, FormFields, FormPage, PostForm, Refusal, TextField, crumb,
    in_text_area, page_with_id,
};
use crate::ui::groups::actions::{GroupCreate, GroupRemove};
use crate::ui::groups::queries;
use crate::ui::islands::picker::InitialWorkspaces;
use crate::ui::locale::formats::Formats;
use crate::ui::messages::group_holds;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

const FIELDS: [&str; 2] = ["name", "pasted"];

#[component]
pub fn NewGroupPage() -> impl IntoView {
    let form = FormFields::new(&FIELDS);
    view! {
        <FormPage title="New group" crumbs=vec![crumb(paths::GROUPS, "Groups")] may="create groups">
            <PostForm action=GroupCreate::url()>
                <TextField form name="name" max=NAME_MAX required=true>"Name"</TextField>
                <Workspaces />
                <FormButtons submit="Create group" cancel=paths::GROUPS />
            </PostForm>
        </FormPage>
    }
}

#[component]
fn Workspaces() -> impl IntoView {
    let viewer = Viewer::current();
    let (picked, pasted) = typed_workspaces(&viewer);
    let state = FieldState::of(&viewer, "pasted");
    view! {
        <fieldset class="stack">
            <legend>"First workspaces"</legend>
            <p class="hint">"Optional. The group is created with all of them or not at all."</p>
            <InitialWorkspaces />
            {picked
                .map(|picked| {
                    view! {
                        <div class="field">
                            <label for="picked-before">"Selected workspaces, by id"</label>
                            <textarea id="picked-before" name="picked[]" rows="2" spellcheck="false">
                                {in_text_area(&picked)}
                            </textarea>
                        </div>
                    }
                })}
            <div class="field">
                <label for="pasted">"Ids or external ids, one per line"</label>
                <textarea
                    id="pasted"
                    name="pasted"
                    rows="4"
                    spellcheck="false"
                    aria-invalid=state.invalid()
                    aria-describedby=state.described_by()
                    autofocus=viewer.focus(&FIELDS) == Some("pasted")
                >
                    {in_text_area(&pasted)}
                </textarea>
                {state.fault()}
            </div>
        </fieldset>
    }
}

/// The texts of the two lists after a refusal, when the picker has lost its choice: what was picked is added to what
/// was pasted. If that is a table, to which no lines can be added, what was picked has a separate field.
fn typed_workspaces(viewer: &Viewer) -> (Option<String>, String) {
    let (picked, pasted) = (viewer.typed("picked"), viewer.typed("pasted"));
    match (picked.trim().is_empty(), pasted.trim().is_empty()) {
        (true, _) => (None, pasted),
        (false, true) => (None, picked),
        (false, false) if begins_with_head(&pasted) => (Some(picked), pasted),
        (false, false) => (None, format!("{picked}\n{pasted}")),
    }
}

/// Says what the removal means, and asks for confirmation.
#[component]
pub fn GroupRemovalPage() -> impl IntoView {
    page_with_id(async |id| {
        let GroupSummary { group, live, creator: _ } = queries::group(id).await?;
        let form = if group.deleted_at.is_some() {
            view! { <Refusal text="It was removed already." /> }.into_any()
        } else if live > 0 {
            let formats = Formats::current();
            let remove_all = format!("Remove {} …", formats.count(live, "workspace", "workspaces"));
            view! {
                <Refusal text=group_holds(live, &formats) />
                <div class="actions">
                    <a class="button" href=paths::group_removals_of_all(id)>{remove_all}</a>
                    <a class="button button--quiet" href=paths::group(id)>"Keep it"</a>
                </div>
            }
            .into_any()
        } else {
            view! {
                <PostForm action=GroupRemove::url() class="actions" hidden=vec![("group", id.to_string())]>
                    <FormButtons submit="Remove group" danger=true cancel=paths::group(id) cancel_text="Keep it" />
                </PostForm>
            }
            .into_any()
        };
        Ok(view! {
            <ConfirmPage
                title=format!("Remove {}?", isolated(&group.name))
                crumbs=vec![crumb(paths::GROUPS, "Groups"), crumb(paths::group(id), group.name)]
                explanation="No workspace can be enrolled in the group afterwards, and the group leaves the list. Its history stays. This cannot be undone."
                may="remove groups"
            >
                {form}
            </ConfirmPage>
        })
    })
}
