//! How a form is known again when it is sent twice.

use leptos::prelude::*;

use crate::ui::viewer::{FORM_KEY, Viewer};

/// Stands in every form whose second answer would differ from the first. With it a double click does what one
/// click does, and is answered the same: see `ui/server/session/sent_twice.rs`.
#[component]
pub fn FormKey() -> impl IntoView {
    view! { <input type="hidden" name=FORM_KEY value=Viewer::current().form_key /> }
}
