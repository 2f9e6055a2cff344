//! The fields of a person, to make one and to edit one.

use leptos::prelude::*;

use crate::kernel::text::{EMAIL_MAX, NAME_MAX};
use crate::resources::people::model::Person;
use crate::resources::people::rules::version;
use crate::ui::components::field::FieldState;
use crate::ui::viewer::{VERSION, Viewer};

/// What was typed before a refusal stands in them, or else what the person has.
#[component]
pub fn PersonFields(#[prop(optional)] person: Option<Person>) -> impl IntoView {
    let viewer = Viewer::current();
    let version = person.as_ref().map(version);
    let is_outdated = version.is_some_and(|version| viewer.is_outdated(version));
    let field = |field: &'static str, of: fn(&Person) -> Option<String>| {
        let held = person.as_ref().and_then(of).unwrap_or_default();
        let (typed, state) = (viewer.typed_or(field, &held), FieldState::of(&viewer, field));
        let state = if is_outdated { state.beside(&held, &typed) } else { state };
        (typed, state)
    };
    let (first_name, first) = field("first_name", |person| Some(person.first_name.clone()));
    let (last_name, last) = field("last_name", |person| Some(person.last_name.clone()));
    let (email, address) = field("email", |person| person.email.clone());
    let last = last.hinted("names-hint");
    let address = address.hinted("email-hint");
    let focus = viewer.focus(&["first_name", "last_name", "email"]);
    view! {
        {version.map(|version| view! { <input type="hidden" name=VERSION value=version.to_string() /> })}
        <div class="field">
            <label for="first_name">"First name"</label>
            <input
                id="first_name"
                name="first_name"
                autofocus=focus == Some("first_name")
                maxlength=NAME_MAX.to_string()
                aria-invalid=first.invalid()
                aria-describedby=first.described_by()
                value=first_name
            />
            {first.fault()}
        </div>
        <div class="field">
            <label for="last_name">"Last name"</label>
            <input
                id="last_name"
                name="last_name"
                autofocus=focus == Some("last_name")
                maxlength=NAME_MAX.to_string()
                aria-invalid=last.invalid()
                aria-describedby=last.described_by()
                value=last_name
            />
            {last.fault()}
            <p class="hint" id="names-hint">"Somebody with one name has it in either field."</p>
        </div>
        <div class="field">
            <label for="email">"E-mail address"</label>
            // Text, not "email": what is an address is said in one place, and not by each browser anew.
            <input
                id="email"
                name="email"
                autofocus=focus == Some("email")
                inputmode="email"
                autocomplete="off"
                spellcheck="false"
                maxlength=EMAIL_MAX.to_string()
                aria-invalid=address.invalid()
                aria-describedby=address.described_by()
                value=email
            />
            {address.fault()}
            <p class="hint" id="email-hint">"Optional. No two people have the same."</p>
        </div>
    }
}
