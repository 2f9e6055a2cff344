//! Selects many rows of a table.

use std::cell::RefCell;

use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Element, Event, HtmlInputElement, MouseEvent};

use super::dom::all;

pub const SELECTION_FORM: &str = "picked";

/// Shows how many rows are selected, selects all rows of the page, and selects a range with Shift. A form is not enough
/// for that. The checkboxes are plain HTML and belong to [`SELECTION_FORM`], and the style shows that form while one of
/// them is checked.
#[island]
pub fn Selection() -> impl IntoView {
    Effect::new(move |_| {
        show_count();
        window_event_listener(ev::change, move |event: Event| {
            // A `change` event without a checkbox means that live updates replaced rows (`islands/live.rs`).
            if let Some(input) = input_of(&event).filter(|input| input.has_attribute("data-all")) {
                for one in checkboxes() {
                    one.set_checked(input.checked());
                }
            }
            show_count();
        });
        window_event_listener(ev::reset, move |_| {
            // The event comes before the browser resets the fields. Only this form has such a button.
            for one in checkboxes() {
                one.set_checked(false);
            }
            show_count();
        });
        // The value and not the element, because live updates may replace or remove the row before the range ends.
        let last = RefCell::new(None::<String>);
        window_event_listener(ev::click, move |event: MouseEvent| {
            let Some(input) = input_of(&event).filter(|input| input.get_attribute("form").is_some()) else {
                return;
            };
            if event.shift_key()
                && let Some(from) = &*last.borrow()
            {
                select_range(from, &input);
                show_count();
            }
            last.replace(Some(input.value()));
        });
    });
}

fn input_of(event: &Event) -> Option<HtmlInputElement> {
    event.target()?.dyn_into().ok()
}

fn checkboxes() -> Vec<HtmlInputElement> {
    all(&format!("input[type=checkbox][form={SELECTION_FORM}]"))
}

/// Gives all checkboxes from one to the other the state of the last one. Does nothing if the first row is gone.
fn select_range(from: &str, to: &HtmlInputElement) {
    let boxes = checkboxes();
    let position = |value: &str| boxes.iter().position(|one| one.value() == value);
    let (Some(from), Some(last)) = (position(from), position(&to.value())) else { return };
    boxes[from.min(last)..=from.max(last)].iter().for_each(|one| one.set_checked(to.checked()));
}

fn show_count() {
    let boxes = checkboxes();
    let (shown, selected) = (boxes.len(), boxes.iter().filter(|one| one.checked()).count());
    for input in all::<HtmlInputElement>(&format!("[data-all={SELECTION_FORM}]")) {
        input.set_checked(shown > 0 && selected == shown);
        input.set_indeterminate(selected > 0 && selected < shown);
    }
    for element in all::<Element>(&format!("#{SELECTION_FORM} [data-count]")) {
        let pattern = element.get_attribute("data-count").unwrap_or_default();
        let number = if selected == 0 { String::new() } else { format!("{selected} ") };
        element.set_text_content(Some(&pattern.replace("# ", &number)));
    }
}
