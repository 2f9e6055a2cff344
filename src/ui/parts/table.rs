//! What is around every table.

use leptos::prelude::*;

/// Says that there is nothing, why, and what to do.
#[component]
pub fn Empty(title: &'static str, children: Children) -> impl IntoView {
    view! {
        <div class="empty">
            <p class="empty__title">{title}</p>
            <div class="muted">{children()}</div>
        </div>
    }
}

/// A workspace's name with its external id.
#[component]
pub fn WorkspaceName(name: String, external_workspace_id: Option<String>) -> impl IntoView {
    view! {
        <span class="name">{name}</span>
        {external_workspace_id.map(|id| view! { " " <code class="muted">{id}</code> })}
    }
}
