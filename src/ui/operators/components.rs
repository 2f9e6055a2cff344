//! What the pages of operators and of the own account show.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::actor::Role;
use crate::kernel::id::OperatorId;
use crate::kernel::text::WORD_MAX;
use crate::resources::operators::model::OperatorStatus;
use crate::ui::components::{FormFields, Moment, PostForm, TextField};
use crate::ui::operators::actions::{OperatorEnable, OperatorLinkIdentity, OperatorUnlink};
use crate::ui::viewer::Viewer;

/// The status of an operator. Someone without a password is "invited" before their first sign-in only.
#[component]
pub fn StatusText(status: OperatorStatus, has_signed_in: bool) -> impl IntoView {
    let (class, text, at) = match status {
        OperatorStatus::Active => ("tag tag--done", "active", None),
        OperatorStatus::LinkPending(until) if has_signed_in => {
            ("tag", "new password", Some((" until ", until)))
        }
        OperatorStatus::LinkPending(until) => ("tag", "invited", Some((" until ", until))),
        OperatorStatus::LinkExpired => ("tag tag--danger", "link expired", None),
        OperatorStatus::Disabled(since) => ("tag tag--danger", "disabled", Some((" ", since))),
        OperatorStatus::WithoutPerson => ("tag tag--danger", "person deleted", None),
    };
    view! {
        <span class=class>{text}</span>
        {at.map(|(preposition, at)| view! { {preposition} <Moment at /> })}
    }
}

/// What an operator with this role may do.
pub const fn role_summary(role: Role) -> &'static str {
    match role {
        Role::Support => "Reads everything, searches the audit log, exports.",
        Role::Admin => "Reads and changes everything, including tokens and operators.",
    }
}

/// The name of the identity provider. An operator may be linked to one that is no longer set up.
pub fn provider() -> String {
    Viewer::current().provider.unwrap_or_else(|| "Identity provider".to_owned())
}

#[component]
pub fn EnableForm(id: OperatorId) -> impl IntoView {
    view! {
        <PostForm action=OperatorEnable::url() class="actions" hidden=vec![("operator", id.to_string())]>
            <button class="button button--primary">"Enable"</button>
        </PostForm>
    }
}

#[component]
pub fn UnlinkForm(id: OperatorId) -> impl IntoView {
    let text = format!(
        "Unlink if this person now uses a different {} account. They are signed out everywhere, and linked again by \
         e-mail address at their next sign-in. To block access, disable the operator instead.",
        provider()
    );
    view! {
        <PostForm action=OperatorUnlink::url() class="stack" hidden=vec![("operator", id.to_string())]>
            <p class="muted">{text}</p>
            <div class="actions"><button class="button">"Unlink"</button></div>
        </PostForm>
    }
}

/// Nothing if no identity provider is set up.
#[component]
pub fn LinkIdentityForm(id: OperatorId) -> impl IntoView {
    let form = FormFields::unfocused(&["subject"]);
    Viewer::current().provider.map(|name| {
        let hint = format!(
            "Only needed if {name} does not confirm e-mail addresses. The account id is shown to the person when \
             sign-in is refused. Check that it is theirs: the owner of that account can sign in as this operator."
        );
        view! {
            <PostForm action=OperatorLinkIdentity::url() class="stack" hidden=vec![("operator", id.to_string())]>
                <TextField form name="subject" max=WORD_MAX required=true autocomplete="off" no_spellcheck=true hint>
                    {format!("Account id at {name}")}
                </TextField>
                <div class="actions"><button class="button">"Link"</button></div>
            </PostForm>
        }
    })
}
