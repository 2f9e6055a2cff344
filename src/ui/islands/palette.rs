//! Going anywhere by the keyboard.

use leptos::ev;
use leptos::html::Dialog;
use leptos::prelude::*;

use super::combobox::{Among, Choice, Combobox, Finder};
use super::dom::is_composing;
use crate::ui::paths;

/// Ctrl K or ⌘ K, and no other modifier: with those, browsers and keyboard layouts mean something else.
fn is_asked(event: &ev::KeyboardEvent) -> bool {
    let is_chord = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key();
    is_chord && !is_composing(event) && is_k(&event.key(), &event.code())
}

/// The key that types a K, also with Caps Lock. Where letters are not Latin there is none: then it is the key in
/// its place. (Not that key alone, which on a Dvorak layout types a T.)
fn is_k(key: &str, code: &str) -> bool {
    if key.is_ascii() { key.eq_ignore_ascii_case("k") } else { code == "KeyK" }
}

/// Opens at Ctrl K or ⌘ K, lists the pages, and follows what is typed. Escape closes it and gives back the
/// focus, by the browser alone.
///
/// Why this cannot be a form: it is one, that of the bar, for whoever has no script; but the page one is on
/// is left only when the place to go to is found.
#[island]
pub fn Palette() -> impl IntoView {
    let finder = Finder::new(Among::Everything, String::new());
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        window_event_listener(ev::keydown, move |event| {
            let is_asked = is_asked(&event);
            let Some(dialog) = dialog.get_untracked().filter(|dialog| is_asked && !dialog.open()) else {
                return;
            };
            event.prevent_default();
            finder.clear();
            // Refused only where it stands open already.
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
    fn k_is_k_on_every_layout_and_with_caps_lock() {
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
