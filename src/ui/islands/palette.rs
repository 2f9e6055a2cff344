//! The command palette, which opens any page by keyboard.

use leptos::ev;
use leptos::html::Dialog;
use leptos::prelude::*;

use super::combobox::{Choice, Combobox, Finder, Scope};
use super::dom::is_composing;
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

/// Lists pages and search results. A form is not enough, because they appear without leaving the page. Without
/// JavaScript the search form of the navigation bar does the same.
#[island]
pub fn Palette() -> impl IntoView {
    let finder = Finder::new(Scope::Everything, String::new());
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        window_event_listener(ev::keydown, move |event| {
            let is_pressed = is_shortcut(&event);
            let Some(dialog) = dialog.get_untracked().filter(|dialog| is_pressed && !dialog.open()) else {
                return;
            };
            event.prevent_default();
            finder.clear();
            // Fails only if the dialog is already open.
            let _ = dialog.show_modal();
        });
    });
    let pick = Callback::new(|choice: Choice| {
        let _ = window().location().set_href(&choice.value);
    });
    view! {
        <dialog class="palette" node_ref=dialog aria-label="Go to" closedby="any">
            <form method="get" action=paths::SEARCH>
                <Combobox finder list="palette" label="Go to a group, workspace, person or page" name=Some("q") pick />
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
