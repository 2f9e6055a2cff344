//! Radio buttons and checkboxes that explain themselves.

use leptos::prelude::*;

/// A radio button or checkbox with its label and, below it, a hint and its children.
#[component]
pub fn Choice(
    /// `radio` or `checkbox`.
    kind: &'static str,
    #[prop(into)] id: String,
    name: &'static str,
    value: &'static str,
    checked: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] hint: &'static str,
    label: AnyView,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let hint_id = (!hint.is_empty()).then(|| format!("{id}-hint"));
    view! {
        <div class="choice">
            <input
                type=kind
                id=id.clone()
                name=name
                value=value
                checked=checked
                autofocus=autofocus
                aria-describedby=hint_id.clone()
            />
            <label for=id>{label}</label>
            {hint_id.map(|id| view! { <p class="hint" id=id>{hint}</p> })}
            {children.map(|children| children())}
        </div>
    }
}
