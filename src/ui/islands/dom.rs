//! Finds elements of the page that the server rendered.

use leptos::prelude::document;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, EventTarget, KeyboardEvent, NodeList};

pub fn all<T: JsCast>(selector: &str) -> Vec<T> {
    elements(document().query_selector_all(selector).ok())
}

pub fn all_within<T: JsCast>(root: &Element, selector: &str) -> Vec<T> {
    elements(root.query_selector_all(selector).ok())
}

fn elements<T: JsCast>(nodes: Option<NodeList>) -> Vec<T> {
    let Some(nodes) = nodes else { return Vec::new() };
    (0..nodes.length()).filter_map(|index| nodes.get(index)?.dyn_into().ok()).collect()
}

pub fn first<T: JsCast>(selector: &str) -> Option<T> {
    document().query_selector(selector).ok()??.dyn_into().ok()
}

/// The closest element that matches the selector: the target itself or one around it.
pub fn closest<T: JsCast>(target: Option<EventTarget>, selector: &str) -> Option<T> {
    target?.dyn_into::<Element>().ok()?.closest(selector).ok()??.dyn_into().ok()
}

/// The `keyCode` of keys that an input method processes (UI Events, section B.1).
const INPUT_METHOD: u32 = 229;

/// Whether the key belongs to an input method that composes text, and must be ignored. WebKit ends the composition
/// before it dispatches the last key, which only has the `keyCode`.
pub fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == INPUT_METHOD
}
