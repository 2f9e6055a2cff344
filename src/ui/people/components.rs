//! The fields of a person.

use leptos::prelude::*;

use crate::kernel::text::{EMAIL_MAX, NAME_MAX};
use crate::resources::people::model::Person;
use crate::resources::people::rules::version;
use crate::ui::components::{FormFields, TextField};

#[component]
pub fn PersonFields(#[prop(optional)] person: Option<Person>) -> impl IntoView {
    let form =
        FormFields::new(&["first_name", "last_name", "email"]).of_version(person.as_ref().map(version));
    let names = person.map(|person| (person.first_name, person.last_name, person.email.unwrap_or_default()));
    let (first_name, last_name, email) = names.unwrap_or_default();
    view! {
        {form.version()}
        <TextField form name="first_name" value=first_name max=NAME_MAX>
            "First name"
        </TextField>
        <TextField
            form
            name="last_name"
            value=last_name
            max=NAME_MAX
            hint="If the person has one name only, enter it in either field."
        >
            "Last name"
        </TextField>
        // Not of type "email": the server decides what an address is, and browsers disagree.
        <TextField
            form
            name="email"
            value=email
            max=EMAIL_MAX
            inputmode="email"
            autocomplete="off"
            no_spellcheck=true
            hint="Optional. No two people have the same."
        >
            "E-mail address"
        </TextField>
    }
}
