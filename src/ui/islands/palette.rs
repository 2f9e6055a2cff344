//! Going anywhere by the keyboard.

use leptos::ev;
use leptos::html::Dialog;
use leptos::prelude::*;

use super::combobox::{Among, Choice, Combobox, Finder};
use crate::ui::paths;

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
            let is_asked = event.key() == "k" && (event.ctrl_key() || event.meta_key());
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
