//! Ticking many rows.

use std::cell::RefCell;

use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Event, HtmlButtonElement, HtmlInputElement, MouseEvent};

use super::dom::all;

/// The id of the form that ticked rows belong to; a page has one at most.
pub const FORM: &str = "picked";

/// Counts what is ticked, ticks all of the page, and from one box to another with Shift. The boxes are
/// the page's own, and belong to [`FORM`].
///
/// Why this cannot be a form: it is one, and sends what is ticked; how many that are, and ticking
/// fifty at once, only script can do.
#[island]
pub fn Selection() -> impl IntoView {
    Effect::new(move |_| {
        tell_count();
        window_event_listener(ev::change, move |event: Event| {
            // Without one, rows came or went: see `islands/live.rs`.
            if let Some(input) = input_of(&event).filter(|input| input.has_attribute("data-all")) {
                boxes().for_each(|one| one.set_checked(input.checked()));
            }
            tell_count();
        });
        // The row by its value: it may be made anew, or have gone, by the time that the range ends.
        let last = RefCell::new(None::<String>);
        window_event_listener(ev::click, move |event: MouseEvent| {
            let Some(input) = input_of(&event).filter(|input| input.get_attribute("form").is_some()) else {
                return;
            };
            if event.shift_key()
                && let Some(from) = &*last.borrow()
            {
                tick_between(from, &input);
                tell_count();
            }
            last.replace(Some(input.value()));
        });
    });
}

fn input_of(event: &Event) -> Option<HtmlInputElement> {
    event.target()?.dyn_into().ok()
}

fn boxes() -> impl Iterator<Item = HtmlInputElement> + use<> {
    all(&format!("input[type=checkbox][form={FORM}]")).filter_map(|element| element.dyn_into().ok())
}

/// All boxes from one to the other become as the last one is. From a row that has gone there is no range.
fn tick_between(from: &str, to: &HtmlInputElement) {
    let place = |value: &str| boxes().position(|one| one.value() == value);
    let (Some(from), Some(last)) = (place(from), place(&to.value())) else { return };
    for one in boxes().skip(from.min(last)).take(from.abs_diff(last) + 1) {
        one.set_checked(to.checked());
    }
}

fn tell_count() {
    let (mut ticked, mut shown) = (0, 0);
    for one in boxes() {
        shown += 1;
        ticked += u32::from(one.checked());
    }
    for element in all(&format!("[data-all={FORM}]")) {
        if let Ok(input) = element.dyn_into::<HtmlInputElement>() {
            input.set_checked(shown > 0 && ticked == shown);
            input.set_indeterminate(ticked > 0 && ticked < shown);
        }
    }
    for element in all(&format!("#{FORM} [data-count]")) {
        element.set_text_content(Some(&match ticked {
            0 => String::new(),
            number => format!("{number} selected"),
        }));
    }
    for element in all(&format!("#{FORM} button")) {
        if let Ok(button) = element.dyn_into::<HtmlButtonElement>() {
            button.set_disabled(ticked == 0);
        }
    }
}
