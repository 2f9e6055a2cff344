//! The fields of a person, to make one and to edit one.

use leptos::prelude::*;

use crate::kernel::text::{EMAIL_MAX, NAME_MAX};
use crate::resources::people::model::Person;
use crate::ui::parts::field::FieldState;
use crate::ui::viewer::Viewer;

/// What was typed before a refusal stands in them, or else what the person has.
#[component]
pub fn PersonFields(#[prop(optional)] person: Option<Person>) -> impl IntoView {
    let viewer = Viewer::current();
    let held = |field: &str, of: fn(&Person) -> Option<String>| {
        viewer.typed_or(field, &person.as_ref().and_then(of).unwrap_or_default())
    };
    let first_name = held("first_name", |person| Some(person.first_name.clone()));
    let last_name = held("last_name", |person| Some(person.last_name.clone()));
    let email = held("email", |person| person.email.clone());
    let first = FieldState::of(&viewer, "first_name");
    let last = FieldState::of(&viewer, "last_name");
    let address = FieldState::of(&viewer, "email").hinted("email-hint");
    view! {
        <div class="field">
            <label for="first_name">"First name"</label>
            <input
                id="first_name"
                name="first_name"
                required
                autofocus
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
                required
                maxlength=NAME_MAX.to_string()
                aria-invalid=last.invalid()
                aria-describedby=last.described_by()
                value=last_name
            />
            {last.fault()}
        </div>
        <div class="field">
            <label for="email">"E-mail address"</label>
            // Text, not "email": what is an address is said in one place, and not by each browser anew.
            <input
                id="email"
                name="email"
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
