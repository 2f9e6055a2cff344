//! The command palette, which leads to any page.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Reflect;
use leptos::ev;
use leptos::html::Dialog;
use leptos::prelude::*;

use leptos::wasm_bindgen::JsValue;
use leptos::web_sys::{Event, HtmlInputElement};

use super::combobox::{Choice, Combobox, Finder, Scope};
use super::dom::{closest, is_composing};
use crate::ui::paths;

/// Ctrl K or ⌘ K without other modifiers, which browsers and keyboard layouts use for something else.
fn is_shortcut(event: &ev::KeyboardEvent) -> bool {
    let is_chord = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key();
    is_chord && !is_composing(event) && is_k(&event.key(), &event.code())
}

/// The key that types a K, also with Caps Lock. On a layout without Latin letters it is the physical key K, which types
/// another Latin letter on other layouts, such as a T on Dvorak.
fn is_k(key: &str, code: &str) -> bool {
    if key.is_ascii() { key.eq_ignore_ascii_case("k") } else { code == "KeyK" }
}

/// The search field of the navigation bar, if the event is of that.
fn bar_field(event: &Event) -> Option<HtmlInputElement> {
    closest(event.target(), ".bar__search input")
}

/// Whether an input method is still composing the text of this `input` event.
fn is_composed(event: &Event) -> bool {
    let member = Reflect::get(event, &JsValue::from_str("isComposing"));
    member.ok().and_then(|member| member.as_bool()).unwrap_or_default()
}

/// Lists pages and search results. A form is not enough, because they appear without leaving the page. Without
/// JavaScript the search form of the navigation bar does the same.
///
/// The palette opens by its shortcut, and when the search field of the bar gets the focus or is tapped. Tab does not open
/// it, because someone who only passes the field would be led away (WCAG 2.2, 3.2.1); typing into the field does.
#[island]
pub fn Palette() -> impl IntoView {
    let finder = Finder::new(Scope::Everything, String::new());
    let dialog = NodeRef::<Dialog>::new();
    // Not the state of the dialog: it is closed already when the browser returns the focus to the field, which must not
    // open it again. The event follows.
    let is_open = RwSignal::new(false);
    let open = move |text: &str| {
        let Some(dialog) = dialog.get_untracked().filter(|_| !is_open.get_untracked()) else { return false };
        finder.reset(text);
        is_open.set(dialog.show_modal().is_ok());
        is_open.get_untracked()
    };
    let open_from = move |field: HtmlInputElement| {
        if open(&field.value()) {
            field.set_value("");
        }
    };
    Effect::new(move |_| {
        let is_tabbing = Rc::new(Cell::new(false));
        let was_tabbing = Rc::clone(&is_tabbing);
        window_event_listener(ev::keydown, move |event| {
            is_tabbing.set(event.key() == "Tab");
            if is_shortcut(&event) && open("") {
                event.prevent_default();
            }
        });
        window_event_listener(ev::focusin, move |event| {
            if let Some(field) = bar_field(&event).filter(|_| !was_tabbing.get()) {
                // Opening moves the focus, and a listener cannot run while it runs.
                queue_microtask(move || open_from(field));
            }
        });
        window_event_listener(ev::click, move |event| {
            if let Some(field) = bar_field(&event) {
                open_from(field);
            }
        });
        window_event_listener(ev::input, move |event| {
            if let Some(field) = bar_field(&event).filter(|_| !is_composed(&event)) {
                open_from(field);
            }
        });
    });
    let pick = Callback::new(|choice: Choice| {
        let _ = window().location().set_href(&choice.value);
    });
    view! {
        <dialog
            class="palette"
            node_ref=dialog
            aria-label="Go to"
            closedby="any"
            on:close=move |_| is_open.set(false)
        >
            <form method="get" action=paths::SEARCH>
                <Combobox finder list="palette" label="Go to a group, workspace, person or page" name=Some("q") pick />
            </form>
            <form method="dialog">
                <button class="palette__close" aria-label="Close">"×"</button>
            </form>
        </dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortcut_works_on_every_layout_and_with_caps_lock() {
        for (key, code) in
            [("k", "KeyK"), ("K", "KeyK"), ("л", "KeyK"), ("κ", "KeyK"), ("ל", "KeyK"), ("k", "KeyV")]
        {
            assert!(is_k(key, code), "{key} {code}");
        }
        for (key, code) in
            [("t", "KeyK"), ("м", "KeyV"), ("Enter", "Enter"), ("", "KeyK"), ("Process", "KeyK")]
        {
            assert!(!is_k(key, code), "{key} {code}");
        }
    }
}
