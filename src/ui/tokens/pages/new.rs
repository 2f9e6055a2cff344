//! `/tokens/new`

use leptos::prelude::*;

use crate::kernel::problem::Field;
use crate::kernel::text::NAME_MAX;
use crate::resources::api_tokens::model::Scope;
use crate::ui::components::field::FieldState;
use crate::ui::components::form_key::FormKey;
use crate::ui::components::page::{ForAdmins, Page};
use crate::ui::paths;
use crate::ui::tokens::actions::TokenCreate;
use crate::ui::viewer::Viewer;

/// As refusals know them, in their order on the page.
const FIELDS: [&str; 4] = ["name", "scopes", "email", "day"];

#[component]
pub fn NewTokenPage() -> impl IntoView {
    view! {
        <Page title="New API token" narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb"><a href=paths::TOKENS>"API tokens"</a></nav>
            <h1>"New API token"</h1>
            <ForAdmins><NewToken /></ForAdmins>
        </Page>
    }
}

/// What was typed, or what a new form begins with.
fn typed_or(viewer: &Viewer, field: &str, first: &str) -> String {
    let typed = viewer.typed(field);
    if viewer.flash.is_some() { typed } else { first.to_owned() }
}

#[component]
fn NewToken() -> impl IntoView {
    let viewer = Viewer::current();
    let create = ServerAction::<TokenCreate>::new();
    let named = FieldState::of(&viewer, "name").hinted("name-hint");
    let focus = viewer.focus(&FIELDS);
    view! {
        <ActionForm action=create attr:class="card stack">
            <FormKey />
            <div class="field">
                <label for="name">"Name"</label>
                <input
                    id="name"
                    name="name"
                    required
                    autofocus=focus == Some("name")
                    maxlength=NAME_MAX.to_string()
                    value=viewer.typed("name")
                    aria-invalid=named.invalid()
                    aria-describedby=named.described_by()
                />
                {named.fault()}
                <p class="hint" id="name-hint">"What it is for. The history names it."</p>
            </div>
            <Scopes
                chosen=typed_or(&viewer, "scopes", Scope::Read.word())
                state=FieldState::of(&viewer, "scopes")
                has_focus=focus == Some("scopes")
            />
            <HolderChoice viewer=viewer.clone() />
            <Expiry viewer=viewer.clone() />
            <div class="actions">
                <button class="button button--primary">"Create token"</button>
                <a class="button button--quiet" href=paths::TOKENS>"Cancel"</a>
            </div>
        </ActionForm>
    }
}

const fn explanation(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "Every GET.",
        Scope::Write => {
            "Enroll, remove, re-add; create, change and remove groups, workspaces and people. Reads, too."
        }
        Scope::Pipeline => {
            "Say in whose name an enrollment stands, and correct it. Reads, too; runs no flow by itself."
        }
    }
}

#[component]
fn Scopes(chosen: String, state: FieldState, has_focus: bool) -> impl IntoView {
    view! {
        <fieldset class="stack" aria-describedby=state.described_by()>
            <legend>"What it may do"</legend>
            {Scope::ALL
                .map(|scope| {
                    let (word, id) = (scope.word(), format!("scope-{}", scope.word()));
                    let checked = chosen.split_whitespace().any(|one| one == word);
                    view! {
                        <div class="choice">
                            <input
                                type="checkbox"
                                id=id.clone()
                                name="scopes[]"
                                value=word
                                checked=checked
                                autofocus=has_focus && Some(&scope) == Scope::ALL.first()
                                aria-describedby=format!("{id}-hint")
                            />
                            <label for=id.clone()><code>{word}</code></label>
                            <p class="hint" id=format!("{id}-hint")>{explanation(scope)}</p>
                        </div>
                    }
                })
                .collect_view()}
            {state.fault()}
        </fieldset>
    }
}

#[component]
fn HolderChoice(viewer: Viewer) -> impl IntoView {
    let holder = typed_or(&viewer, "holder", "person");
    let own = viewer.operator.as_ref().map(|operator| operator.email.clone()).unwrap_or_default();
    let person = FieldState::named(&viewer, "person", Field::Email.word());
    let has_focus = viewer.focus(&FIELDS) == Some("email");
    view! {
        <fieldset class="stack">
            <legend>"For whom it acts"</legend>
            <div class="choice">
                <input type="radio" id="holder-person" name="holder" value="person" checked=holder == "person" />
                <label for="holder-person">"For a person"</label>
                <p class="hint">"What it enrolls, they enrolled. It stops working when they are deleted."</p>
                <div class="field">
                    <label for="person">"E-mail address of the person"</label>
                    <input
                        id="person"
                        name="person"
                        type="email"
                        autofocus=has_focus
                        autocomplete="off"
                        value=typed_or(&viewer, "person", &own)
                        aria-invalid=person.invalid()
                        aria-describedby=person.described_by()
                    />
                    {person.fault()}
                </div>
            </div>
            <div class="choice">
                <input type="radio" id="holder-system" name="holder" value="system" checked=holder == "system" />
                <label for="holder-system">"For no one (system)"</label>
                <p class="hint">"What it enrolls has no actor; the history still names the token."</p>
            </div>
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
fn Expiry(viewer: Viewer) -> impl IntoView {
    let chosen = typed_or(&viewer, "expiry", "90");
    let day = FieldState::of(&viewer, "day");
    let has_focus = viewer.focus(&FIELDS) == Some("day");
    view! {
        <fieldset class="stack">
            <legend>"When it stops working"</legend>
            {EXPIRIES
                .map(|(word, text)| {
                    let id = format!("expiry-{word}");
                    view! {
                        <div class="choice">
                            <input type="radio" id=id.clone() name="expiry" value=word checked=chosen == word />
                            <label for=id>{text}</label>
                        </div>
                    }
                })
                .collect_view()}
            <div class="field">
                <label class="visually-hidden" for="day">"The last day on which it works"</label>
                <input
                    id="day"
                    name="day"
                    type="date"
                    autofocus=has_focus
                    value=viewer.typed("day")
                    aria-invalid=day.invalid()
                    aria-describedby=day.described_by()
                />
                {day.fault()}
            </div>
        </fieldset>
    }
}
