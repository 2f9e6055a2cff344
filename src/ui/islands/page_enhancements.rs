//! What JavaScript adds to every page.

use gloo_timers::callback::{Interval, Timeout};
use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsValue;
use leptos::web_sys::{Element, HtmlButtonElement, MouseEvent, SubmitEvent};
use wasm_bindgen_futures::JsFuture;

use crate::ui::islands::ask::{PREFERENCES_SET, ask};
use crate::ui::islands::dom::{all, closest};
use crate::ui::islands::shortcuts;
use crate::ui::locale::distance::distance;

/// How often relative times such as "3 minutes ago" are updated, in milliseconds.
const UPDATE_INTERVAL: u32 = 20_000;
/// How long a button shows that it has copied, in milliseconds.
const FEEDBACK_DURATION: u32 = 2_000;
const ORIGINAL_TEXT: &str = "data-words";

/// Reports the time zone, updates relative times, copies to the clipboard, switches the theme without a reload, and
/// listens to the keys of `shortcuts.rs`. The listeners are on the window, so that they also work for elements that are added later. Only JavaScript can do this,
/// except for the theme, which is a form.
#[island]
pub fn PageEnhancements() -> impl IntoView {
    Effect::new(move |_| {
        if let Some(root) = document().document_element() {
            // The style shows the controls that need JavaScript.
            let _ = root.class_list().add_1("has-script");
        }
        report_zone();
        Interval::new(UPDATE_INTERVAL, update_relative_times).forget();
        window_event_listener(ev::submit, switch_theme);
        window_event_listener(ev::click, copy);
        shortcuts::show_switch();
        window_event_listener(ev::keydown, shortcuts::on_key);
        window_event_listener(ev::change, |event| shortcuts::store_switch(&event));
    });
}

fn report_zone() {
    let known = document().body().and_then(|body| body.get_attribute("data-zone")).unwrap_or_default();
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    let zone = Reflect::get(&options, &JsValue::from_str("timeZone")).ok().and_then(|zone| zone.as_string());
    if let Some(zone) = zone.filter(|zone| *zone != known) {
        leptos::task::spawn_local(async move {
            // After a failure the next page reports it again.
            let _ = ask(PREFERENCES_SET, &[("browser_zone", &zone)]).await;
        });
    }
}

fn update_relative_times() {
    let format = Intl::RelativeTimeFormat::new(&Array::of1(&JsValue::from_str("en")), &Object::new());
    for time in all::<Element>("time.moment") {
        let (Some(instant), Some(ago)) = (time.get_attribute("datetime"), time.last_element_child()) else {
            continue;
        };
        #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970")]
        let seconds = ((Date::parse(&instant) - Date::now()) / 1000.0) as i64;
        if let Some((number, unit)) = distance(seconds) {
            #[expect(clippy::cast_precision_loss, reason = "a few digits")]
            let text = String::from(format.format(number as f64, unit));
            if ago.text_content().as_deref() != Some(&text) {
                ago.set_text_content(Some(&text));
            }
        }
    }
}

fn switch_theme(event: SubmitEvent) {
    let button = closest::<HtmlButtonElement>(event.submitter().map(Into::into), "[data-themes] button");
    let Some(theme) = button.map(|button| button.value()) else { return };
    event.prevent_default();
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-theme", &theme);
    }
    for button in all::<HtmlButtonElement>("[data-themes] button") {
        let pressed = if button.value() == theme { "true" } else { "false" };
        let _ = button.set_attribute("aria-pressed", pressed);
    }
    leptos::task::spawn_local(async move {
        let _ = ask(PREFERENCES_SET, &[("theme", &theme)]).await;
    });
}

fn copy(event: MouseEvent) {
    let Some(button) = closest::<Element>(event.target(), "[data-copy]") else { return };
    let Some(mut text) = button.get_attribute("data-copy") else { return };
    if text.starts_with('/')
        && let Ok(origin) = window().location().origin()
    {
        text.insert_str(0, &origin);
    }
    // Only secure origins have a clipboard.
    if !window().is_secure_context() {
        return show_copied(&button, false);
    }
    let written = window().navigator().clipboard().write_text(&text);
    leptos::task::spawn_local(async move { show_copied(&button, JsFuture::from(written).await.is_ok()) });
}

/// The attribute keeps the original text of the button for another press during that time.
fn show_copied(button: &Element, is_copied: bool) {
    let own = button.get_attribute(ORIGINAL_TEXT).or_else(|| button.text_content()).unwrap_or_default();
    let _ = button.set_attribute(ORIGINAL_TEXT, &own);
    button.set_text_content(Some(if is_copied { "Copied" } else { "Copying failed" }));
    let button = button.clone();
    Timeout::new(FEEDBACK_DURATION, move || button.set_text_content(Some(&own))).forget();
}
