//! Finds elements of the page that the server rendered.

use leptos::prelude::document;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, EventTarget, HtmlInputElement, KeyboardEvent, NodeList};

/// All elements that match the selector at this moment.
pub fn all(selector: &str) -> impl Iterator<Item = Element> + use<> {
    let found = document().query_selector_all(selector).ok();
    let length = found.as_ref().map_or(0, NodeList::length);
    (0..length).filter_map(move |index| found.as_ref()?.get(index)?.dyn_into().ok())
}

/// All elements below `root` that match the selector.
pub fn all_within(root: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = root.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}

/// The closest element that matches the selector: the target itself or one around it.
pub fn closest(target: Option<EventTarget>, selector: &str) -> Option<Element> {
    target?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// The `keyCode` of keys that an input method processes (UI Events, section B.1).
const INPUT_METHOD: u32 = 229;

/// Whether the key belongs to an input method that composes text, and must be ignored. WebKit ends the composition
/// before it dispatches the last key, which only has the `keyCode`.
pub fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == INPUT_METHOD
}

/// The field with this name in the form with this id.
pub fn field(form: &str, name: &str) -> Option<HtmlInputElement> {
    document().query_selector(&format!("#{form} [name={name}]")).ok()??.dyn_into().ok()
}
