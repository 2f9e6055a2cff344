//! The pieces that only pages of API tokens have.

use leptos::prelude::*;

use crate::resources::api_tokens::model::{Holder, Scope, TokenStatus};
use crate::ui::components::PersonName;

#[component]
pub fn HolderName(holder: Holder) -> impl IntoView {
    match holder {
        Holder::Person(person) => view! { <PersonName person=Some(person) /> }.into_any(),
        Holder::DeletedPerson => view! { <span class="muted">"a deleted person"</span> }.into_any(),
        Holder::System => view! { <span class="muted">"no one (system)"</span> }.into_any(),
    }
}

#[component]
pub fn StatusTag(status: TokenStatus) -> impl IntoView {
    let (class, text) = match status {
        TokenStatus::Active => ("tag tag--done", "active"),
        TokenStatus::Expired => ("tag", "expired"),
        TokenStatus::Revoked(_) => ("tag tag--danger", "revoked"),
        TokenStatus::WithoutPerson => ("tag tag--danger", "person deleted"),
    };
    view! { <span class=class>{text}</span> }
}

/// `read, write`
pub fn scope_words(scopes: &[Scope]) -> String {
    scopes.iter().map(Scope::into_str).collect::<Vec<_>>().join(", ")
}
