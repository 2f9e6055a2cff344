//! Loads the islands into a page.

use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// Preloads the script and the WebAssembly in `package`, and starts the islands as soon as both are loaded.
///
/// Leptos's own `HydrationScripts` waits until the browser is idle, without a deadline, which may never happen.
#[component]
pub fn StartIslands(package: String) -> impl IntoView {
    // Only islands run in the browser, so that the rest of the page needs no hydration markers.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    let script = format!("/{package}/groupdesk.js");
    let program = format!("/{package}/groupdesk.wasm");
    view! {
        <link rel="modulepreload" href=script crossorigin="anonymous" />
        <link rel="preload" href=program r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
        <script type="module" nonce=use_nonce() inner_html=include_str!("start_islands.js") />
    }
}
