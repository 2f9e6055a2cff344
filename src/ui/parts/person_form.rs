//! The fields of a person, to make one and to edit one.

use leptos::prelude::*;

use crate::kernel::text::{EMAIL_MAX, NAME_MAX};
use crate::resources::people::model::Person;
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
    view! {
        <div class="field">
            <label for="first_name">"First name"</label>
            <input id="first_name" name="first_name" required maxlength=NAME_MAX.to_string() value=first_name autofocus />
        </div>
        <div class="field">
            <label for="last_name">"Last name"</label>
            <input id="last_name" name="last_name" required maxlength=NAME_MAX.to_string() value=last_name />
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
                aria-describedby="email-hint"
                value=email
            />
            <p class="hint" id="email-hint">"Optional. No two people have the same."</p>
        </div>
    }
}
