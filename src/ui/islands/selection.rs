//! Ticking many rows.

use std::cell::RefCell;

use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{Event, HtmlButtonElement, HtmlInputElement, MouseEvent};

use super::dom::all;

/// Counts what is ticked, ticks all of the page, and from one box to another with Shift. The boxes are
/// the page's own, and belong to the form of this id.
///
/// Why this cannot be a form: it is one, and sends what is ticked; how many that are, and ticking
/// fifty at once, only script can do.
#[island]
pub fn Selection(form: String) -> impl IntoView {
    let form = StoredValue::new(form);
    let tell = move || form.with_value(|form| tell_count(form));
    Effect::new(move |_| {
        tell();
        window_event_listener(ev::change, move |event: Event| {
            // Without one, rows came or went: see `islands/live.rs`.
            if let Some(input) = input_of(&event).filter(|input| input.has_attribute("data-all")) {
                form.with_value(|form| boxes(form).for_each(|one| one.set_checked(input.checked())));
            }
            tell();
        });
        let last = RefCell::new(None);
        window_event_listener(ev::click, move |event: MouseEvent| {
            let Some(input) = input_of(&event).filter(|input| input.get_attribute("form").is_some()) else {
                return;
            };
            if event.shift_key()
                && let Some(from) = &*last.borrow()
            {
                form.with_value(|form| tick_between(form, from, &input));
                tell();
            }
            last.replace(Some(input));
        });
    });
}

fn input_of(event: &Event) -> Option<HtmlInputElement> {
    event.target()?.dyn_into().ok()
}

fn boxes(form: &str) -> impl Iterator<Item = HtmlInputElement> + use<> {
    all(&format!("input[type=checkbox][form={form}]")).filter_map(|element| element.dyn_into().ok())
}

/// All boxes from one to the other become as the last one is.
fn tick_between(form: &str, from: &HtmlInputElement, to: &HtmlInputElement) {
    let mut is_between = false;
    for one in boxes(form) {
        let is_end = one == *from || one == *to;
        if is_end || is_between {
            one.set_checked(to.checked());
        }
        if is_end && from != to {
            is_between = !is_between;
        }
    }
}

fn tell_count(form: &str) {
    let (mut ticked, mut shown) = (0, 0);
    for one in boxes(form) {
        shown += 1;
        ticked += u32::from(one.checked());
    }
    for element in all(&format!("[data-all={form}]")) {
        if let Ok(input) = element.dyn_into::<HtmlInputElement>() {
            input.set_checked(shown > 0 && ticked == shown);
            input.set_indeterminate(ticked > 0 && ticked < shown);
        }
    }
    for element in all(&format!("#{form} [data-count]")) {
        element.set_text_content(Some(&match ticked {
            0 => String::new(),
            number => format!("{number} selected"),
        }));
    }
    for element in all(&format!("#{form} button")) {
        if let Ok(button) = element.dyn_into::<HtmlButtonElement>() {
            button.set_disabled(ticked == 0);
        }
    }
}
