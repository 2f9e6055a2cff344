//! What script adds to every page, without changing what is on it.

use gloo_timers::callback::{Interval, Timeout};
use js_sys::{Array, Date, Intl, Object, Reflect};
use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue};
use leptos::web_sys::{Element, HtmlButtonElement, MouseEvent, SubmitEvent};
use wasm_bindgen_futures::JsFuture;

use crate::ui::islands::ask::{PREFERENCES_SET, ask};
use crate::ui::islands::dom::{all, closest};
use crate::ui::locale::distance::distance;

/// How often a distance such as "3 minutes ago" is updated, in milliseconds.
const TICK: u32 = 20_000;
/// How long a button says that it has copied, in milliseconds.
const COPIED: u32 = 2_000;
const OWN_WORDS: &str = "data-words";

/// Listens at the window, so that rows which come later are served too.
///
/// Why this cannot be a form: the time zone is known to script alone; times pass while one looks at
/// them; the clipboard is script's. The theme is a form, which script spares the reload.
#[island]
pub fn Everywhere() -> impl IntoView {
    Effect::new(move |_| {
        if let Some(root) = document().document_element() {
            // By this the style knows that buttons work which only script can serve.
            let _ = root.class_list().add_1("has-script");
        }
        tell_zone();
        Interval::new(TICK, count_on).forget();
        window_event_listener(ev::submit, switch_theme);
        window_event_listener(ev::click, copy);
    });
}

/// Pages made from now on have their times in the browser's zone. The body says which one is known.
fn tell_zone() {
    let known = document().body().and_then(|body| body.get_attribute("data-zone")).unwrap_or_default();
    let options = Intl::DateTimeFormat::new(&Array::new(), &Object::new()).resolved_options();
    let zone = Reflect::get(&options, &JsValue::from_str("timeZone")).ok().and_then(|zone| zone.as_string());
    if let Some(zone) = zone.filter(|zone| *zone != known) {
        leptos::task::spawn_local(async move {
            // If this fails, the next page sends it again.
            let _ = ask(PREFERENCES_SET, &[("browser_zone", &zone)]).await;
        });
    }
}

fn count_on() {
    let format = Intl::RelativeTimeFormat::new(&Array::of1(&JsValue::from_str("en")), &Object::new());
    for time in all("time.moment") {
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
    let button = closest(event.submitter().map(Into::into), "[data-themes] button");
    let Some(button) = button.and_then(|button| button.dyn_into::<HtmlButtonElement>().ok()) else { return };
    event.prevent_default();
    let theme = button.value();
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-theme", &theme);
    }
    for other in all("[data-themes] button") {
        let is_it = other.get_attribute("value").as_deref() == Some(&theme);
        let _ = other.set_attribute("aria-pressed", if is_it { "true" } else { "false" });
    }
    leptos::task::spawn_local(async move {
        let _ = ask(PREFERENCES_SET, &[("theme", &theme)]).await;
    });
}

/// Any button with `data-copy` puts that text into the clipboard.
fn copy(event: MouseEvent) {
    let Some(button) = closest(event.target(), "[data-copy]") else { return };
    let Some(mut text) = button.get_attribute("data-copy") else { return };
    // An address of ours is of use elsewhere only when whole.
    if text.starts_with('/')
        && let Ok(origin) = window().location().origin()
    {
        text.insert_str(0, &origin);
    }
    // Only an origin that is secure has a clipboard at all.
    if !window().is_secure_context() {
        return say_copied(&button, false);
    }
    let written = window().navigator().clipboard().write_text(&text);
    leptos::task::spawn_local(async move {
        let is_copied = JsFuture::from(written).await.is_ok();
        say_copied(&button, is_copied);
    });
}

/// For a moment, on the button itself; pressed again meanwhile, it still goes back to its own words.
fn say_copied(button: &Element, is_copied: bool) {
    let own = button.get_attribute(OWN_WORDS).or_else(|| button.text_content()).unwrap_or_default();
    let _ = button.set_attribute(OWN_WORDS, &own);
    button.set_text_content(Some(if is_copied { "Copied" } else { "Not copied: select it" }));
    let button = button.clone();
    Timeout::new(COPIED, move || button.set_text_content(Some(&own))).forget();
}
