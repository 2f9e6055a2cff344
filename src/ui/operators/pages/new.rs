//! `/operators/new`

use leptos::prelude::*;

use crate::kernel::actor::Role;
use crate::kernel::text::{EMAIL_MAX, NAME_MAX};
use crate::ui::components::field::FieldState;
use crate::ui::components::form_key::FormKey;
use crate::ui::components::page::{ForAdmins, Page};
use crate::ui::operators::actions::OperatorInvite;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn NewOperatorPage() -> impl IntoView {
    view! {
        <Page title="Invite an operator" narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb"><a href=paths::OPERATORS>"Operators"</a></nav>
            <h1>"Invite an operator"</h1>
            <ForAdmins><Invite /></ForAdmins>
        </Page>
    }
}

#[component]
fn Invite() -> impl IntoView {
    let viewer = Viewer::current();
    let invite = ServerAction::<OperatorInvite>::new();
    let role = Role::from_word(&viewer.typed("role")).unwrap_or(Role::Support);
    let address = FieldState::of(&viewer, "email").hinted("email-hint");
    let named = FieldState::of(&viewer, "name");
    let focus = viewer.focus(&["email", "name"]);
    view! {
        <ActionForm action=invite attr:class="card stack">
            <FormKey />
            <p class="muted">"You get a link to send them. It lets them choose a password."</p>
            <div class="field">
                <label for="email">"E-mail address"</label>
                <input
                    id="email"
                    name="email"
                    type="email"
                    autocomplete="off"
                    required
                    autofocus=focus == Some("email")
                    maxlength=EMAIL_MAX.to_string()
                    value=viewer.typed("email")
                    aria-invalid=address.invalid()
                    aria-describedby=address.described_by()
                />
                {address.fault()}
                <p class="hint" id="email-hint">"If a person has this address, the operator acts as that person."</p>
            </div>
            <div class="field">
                <label for="name">"Name"</label>
                <input
                    id="name"
                    name="name"
                    autofocus=focus == Some("name")
                    autocomplete="off"
                    required
                    maxlength=NAME_MAX.to_string()
                    value=viewer.typed("name")
                    aria-invalid=named.invalid()
                    aria-describedby=named.described_by()
                />
                {named.fault()}
            </div>
            <fieldset class="stack">
                <legend>"Role"</legend>
                {Role::ALL
                    .map(|one| {
                        let id = format!("role-{}", one.word());
                        view! {
                            <div class="choice">
                                <input
                                    type="radio"
                                    id=id.clone()
                                    name="role"
                                    value=one.word()
                                    checked=one == role
                                    aria-describedby=format!("{id}-hint")
                                />
                                <label for=id.clone()>{one.word()}</label>
                                <p class="hint" id=format!("{id}-hint")>{may(one)}</p>
                            </div>
                        }
                    })
                    .collect_view()}
            </fieldset>
            <div class="actions">
                <button class="button button--primary">"Invite"</button>
                <a class="button button--quiet" href=paths::OPERATORS>"Cancel"</a>
            </div>
        </ActionForm>
    }
}

/// What somebody with this role may do.
pub const fn may(role: Role) -> &'static str {
    match role {
        Role::Support => "Reads everything, searches the audit log, exports.",
        Role::Admin => "Reads and changes everything, also tokens and operators.",
    }
}
