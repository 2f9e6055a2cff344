//! Single keys that move through a page. They only repeat what a mouse or Tab does, so that nothing needs them.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event, HtmlElement, HtmlInputElement};

use super::dom::{all, closest, first, is_composing};

/// The list of the keys in the footer, and the checkbox in it that switches them off: software for speech input types
/// single letters (WCAG 2.2, 2.1.4).
pub const LIST: &str = "keys";
pub const SWITCH: &str = "use-keys";

/// Where a browser remembers that they are off.
const STORED: &str = "groupdesk-keys";
const OFF: &str = "off";

/// Fields in which a key types. The keys also pause while a dialog or a menu is open.
const TYPED_INTO: &str = "input:not([type=checkbox], [type=radio]), textarea, select";
const OPEN: &str = "dialog[open], :popover-open";

/// The searches, the first of which a page has is meant.
const SEARCHES: [&str; 3] = ["main search input[type=search]", "main [role=combobox]", ".bar__search input"];
const ROWS: &str =
    "main :is(tbody tr, .timeline > li, .results > li):not(details:not([open]) *):has(a[href], button)";

fn is_switched_on() -> bool {
    let storage = window().local_storage().ok().flatten();
    storage.and_then(|storage| storage.get_item(STORED).ok().flatten()).as_deref() != Some(OFF)
}

/// Shows the stored choice in the list.
pub fn show_switch() {
    if let Some(switch) = first::<HtmlInputElement>(&format!("#{SWITCH}")) {
        switch.set_checked(is_switched_on());
    }
}

/// Stores the choice of the checkbox, if the event is of that.
pub fn store_switch(event: &Event) {
    let Some(switch) = closest::<HtmlInputElement>(event.target(), &format!("#{SWITCH}")) else { return };
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(STORED, if switch.checked() { "" } else { OFF });
    }
}

pub fn on_key(event: KeyboardEvent) {
    let is_chord = event.ctrl_key() || event.meta_key() || event.alt_key();
    let is_typing = closest::<Element>(event.target(), TYPED_INTO).is_some();
    if is_chord || is_typing || is_composing(&event) || first::<Element>(OPEN).is_some() {
        return;
    }
    let act: fn() -> Option<()> = match event.key().as_str() {
        "/" => || focus(&SEARCHES.into_iter().find_map(first)?),
        "j" => || step(true),
        "k" => || step(false),
        "x" => tick,
        "a" => || focus(&first("main:has(input[form=picked]:checked) #picked button")?),
        "?" => open_list,
        _ => return,
    };
    if is_switched_on() && act().is_some() {
        event.prevent_default();
    }
}

fn focus(element: &HtmlElement) -> Option<()> {
    element.focus().ok()
}

fn open_list() -> Option<()> {
    first::<HtmlElement>(&format!("[popovertarget={LIST}]"))?.click();
    Some(())
}

/// Moves the focus to the link of the next or previous row, which Enter then follows. The last row is followed by none.
fn step(forward: bool) -> Option<()> {
    let rows = all::<Element>(ROWS);
    let active = document().active_element();
    let current = rows.iter().position(|row| row.contains(active.as_deref()));
    let next = match current {
        Some(index) if forward => index + 1,
        Some(index) => index.checked_sub(1)?,
        None => 0,
    };
    let link = rows.get(next)?.query_selector("a[href], button").ok()??;
    focus(&link.dyn_into().ok()?)
}

/// Selects the row that has the focus, or the opposite.
fn tick() -> Option<()> {
    let row = document().active_element()?.closest("tr").ok()??;
    let checkbox = row.query_selector("input[type=checkbox]").ok()??;
    checkbox.dyn_into::<HtmlInputElement>().ok()?.click();
    Some(())
}
