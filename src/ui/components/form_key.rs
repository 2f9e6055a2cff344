//! The hidden field that identifies a form which is sent twice.

use leptos::prelude::*;

use crate::ui::viewer::{FORM_KEY, Viewer};

/// With it, a double click does the same as one click: see `ui/server/session/repeated_forms.rs`.
#[component]
pub fn FormKey() -> impl IntoView {
    view! { <input type="hidden" name=FORM_KEY value=Viewer::current().form_key /> }
}
