//! What islands that serve the page's own HTML look it up by.

use leptos::prelude::document;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, EventTarget, HtmlInputElement, KeyboardEvent, NodeList};

/// Every element that the selector means, as the page is now.
pub fn all(selector: &str) -> impl Iterator<Item = Element> + use<> {
    let found = document().query_selector_all(selector).ok();
    let length = found.as_ref().map_or(0, NodeList::length);
    (0..length).filter_map(move |index| found.as_ref()?.get(index)?.dyn_into().ok())
}

/// [`all`] below this element.
pub fn all_within(root: &Element, selector: &str) -> Vec<Element> {
    let Ok(found) = root.query_selector_all(selector) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}

/// The element around the target, itself included, that the selector means.
pub fn closest(target: Option<EventTarget>, selector: &str) -> Option<Element> {
    target?.dyn_into::<Element>().ok()?.closest(selector).ok()?
}

/// What an input method's keys are called, by the number that they have (UI Events, section B.1).
const INPUT_METHOD: u32 = 229;

/// Is the key the input method's, with which a word is composed? Then it is nobody else's. WebKit ends the
/// composition before it tells of the key that ended it, and so says it by the number alone.
pub fn is_composing(event: &KeyboardEvent) -> bool {
    event.is_composing() || event.key_code() == INPUT_METHOD
}

/// The field of this name in the form of this id.
pub fn field(form: &str, name: &str) -> Option<HtmlInputElement> {
    document().query_selector(&format!("#{form} [name={name}]")).ok()??.dyn_into().ok()
}
