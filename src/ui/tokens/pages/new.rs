//! `/tokens/new`

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use strum::VariantArray;

use crate::kernel::text::NAME_MAX;
use crate::resources::api_tokens::model::Scope;
use crate::ui::components::{
    Choice, FieldState, FormButtons, FormFields, FormPage, PostForm, TextField, crumb,
};
use crate::ui::paths;
use crate::ui::tokens::actions::TokenCreate;
use crate::ui::viewer::Viewer;

#[component]
pub fn NewTokenPage() -> impl IntoView {
    view! {
        <FormPage title="New API token" crumbs=vec![crumb(paths::TOKENS, "API tokens")] may="see and manage this">
            <NewToken />
        </FormPage>
    }
}

#[component]
fn NewToken() -> impl IntoView {
    // The names by which refusals know the fields.
    let form = FormFields::new(&["name", "scopes", "email", "day"]);
    view! {
        <PostForm action=TokenCreate::url()>
            <TextField form name="name" max=NAME_MAX required=true hint="What the token is for. The history shows this name.">
                "Name"
            </TextField>
            <Scopes form />
            <HolderChoice form />
            <Expiry form />
            <FormButtons submit="Create token" cancel=paths::TOKENS />
        </PostForm>
    }
}

const fn explanation(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "Read everything but the administrative log.",
        Scope::Write => {
            "Enroll, remove and re-add; create, change and remove groups, workspaces and people. Includes read."
        }
        Scope::Pipeline => "Set and change the creator of enrollments. Includes read.",
        Scope::Audit => "Read the history of enrollments and the administrative log, and nothing else.",
    }
}

#[component]
fn Scopes(form: FormFields) -> impl IntoView {
    let viewer = Viewer::current();
    let state = FieldState::of(&viewer, "scopes");
    // A refused form without a scope comes back without one.
    let chosen =
        if viewer.flash.is_some() { viewer.typed("scopes") } else { Scope::Read.into_str().to_owned() };
    let choices = Scope::VARIANTS.iter().copied().enumerate().map(|(index, scope)| {
        let word = scope.into_str();
        view! {
            <Choice
                kind="checkbox"
                id=format!("scope-{word}")
                name="scopes[]"
                value=word
                checked=chosen.split_whitespace().any(|one| one == word)
                autofocus=index == 0 && form.is_focused("scopes")
                hint=explanation(scope)
                label=view! { <code>{word}</code> }.into_any()
            />
        }
    });
    view! {
        <fieldset class="stack" aria-describedby=state.described_by()>
            <legend>"Scopes"</legend>
            {choices.collect_view()}
            {state.fault()}
        </fieldset>
    }
}

#[component]
fn HolderChoice(form: FormFields) -> impl IntoView {
    let viewer = Viewer::current();
    let holder = viewer.typed_or("holder", "person");
    let own = viewer.operator.map(|operator| operator.email).unwrap_or_default();
    view! {
        <fieldset class="stack">
            <legend>"Acts for"</legend>
            <Choice
                kind="radio"
                id="holder-person"
                name="holder"
                value="person"
                checked=holder == "person"
                hint="This person is the creator of what the token enrolls. It stops working when they are deleted."
                label="A person".into_any()
            >
                <TextField form name="person" fault="email" value=own kind="email" autocomplete="off">
                    "E-mail address of the person"
                </TextField>
            </Choice>
            <Choice
                kind="radio"
                id="holder-system"
                name="holder"
                value="system"
                checked=holder == "system"
                hint="What the token enrolls has no creator. The history still names the token."
                label="No one (system)".into_any()
            />
        </fieldset>
    }
}

const EXPIRIES: [(&str, &str); 5] = [
    ("30", "In 30 days"),
    ("90", "In 90 days"),
    ("365", "In a year"),
    ("never", "Never"),
    ("day", "After this day:"),
];

#[component]
fn Expiry(form: FormFields) -> impl IntoView {
    let chosen = Viewer::current().typed_or("expiry", "90");
    let choices = EXPIRIES.map(|(word, text)| {
        let (id, checked) = (format!("expiry-{word}"), chosen == word);
        view! { <Choice kind="radio" id name="expiry" value=word checked label=text.into_any() /> }
    });
    view! {
        <fieldset class="stack">
            <legend>"Expires"</legend>
            {choices.collect_view()}
            <TextField form name="day" kind="date" hidden_label=true>"The last day on which it works"</TextField>
        </fieldset>
    }
}
