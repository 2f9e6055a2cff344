//! `/operators/new`

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use strum::VariantArray;

use crate::kernel::actor::Role;
use crate::kernel::text::{EMAIL_MAX, NAME_MAX};
use crate::ui::components::{Choice, FormButtons, FormFields, FormPage, PostForm, TextField, crumb};
use crate::ui::operators::actions::OperatorInvite;
use crate::ui::operators::view::role_summary;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn NewOperatorPage() -> impl IntoView {
    view! {
        <FormPage title="Invite an operator" crumbs=vec![crumb(paths::OPERATORS, "Operators")] may="see and manage this">
            <InviteForm />
        </FormPage>
    }
}

#[component]
fn InviteForm() -> impl IntoView {
    let form = FormFields::new(&["email", "name"]);
    view! {
        <PostForm action=OperatorInvite::url()>
            <p class="muted">"You will get a link to send to them. With it they choose a password."</p>
            <TextField
                form
                name="email"
                kind="email"
                max=EMAIL_MAX
                required=true
                autocomplete="off"
                hint="If a person has this address, the operator acts as that person."
            >
                "E-mail address"
            </TextField>
            <TextField form name="name" max=NAME_MAX required=true autocomplete="off">"Name"</TextField>
            <Roles />
            <FormButtons submit="Invite" cancel=paths::OPERATORS />
        </PostForm>
    }
}

#[component]
fn Roles() -> impl IntoView {
    let chosen = Viewer::current().typed_or("role", Role::Support.into_str());
    let choices = Role::VARIANTS.iter().map(|&role| {
        let word = role.into_str();
        let (id, label) = (format!("role-{word}"), word.into_any());
        view! { <Choice kind="radio" id name="role" value=word checked=word == chosen hint=role_summary(role) label /> }
    });
    view! {
        <fieldset class="stack">
            <legend>"Role"</legend>
            {choices.collect_view()}
        </fieldset>
    }
}
