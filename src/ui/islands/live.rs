//! Live updates: shows on an open page what others change.

use std::cell::RefCell;

use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Date, Function};
use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;
use leptos::web_sys::{
    Document, DomParser, Element, Event, EventInit, EventSource, HtmlInputElement, Node, RequestInit,
    SupportedType,
};
use wasm_bindgen_futures::JsFuture;

use super::ask::fetch;
use super::dom::{all, all_within};

// All times are in milliseconds.

/// Notifications within this time cause one request.
const COALESCE: u32 = 200;
/// The shortest pause between two requests. The pause is also three times as long as the request took, so that a slow
/// page is not rendered all the time.
const MIN_PAUSE: f64 = 500.0;
/// How often a change is tried again while the pointer or the focus prevents it.
const RETRY_INTERVAL: u32 = 400;
/// How long new rows and cells are marked. The style fades the mark within this time.
const MARK_DURATION: u32 = 4_000;
/// How long a connection may be lost before the page says so.
const LOST_AFTER: u32 = 10_000;
const RECONNECT_FIRST: u32 = 2_000;
const RECONNECT_LAST: u32 = 60_000;

/// What the page says about live updates.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Note {
    Nothing,
    /// Only for screen readers.
    Updated,
    /// A change waits, because it would move what the pointer is on, or take the focus.
    Waiting,
    Lost,
}

impl Note {
    const fn text(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Updated => "Updated.",
            Self::Waiting => "This page has changed.",
            Self::Lost => "Live updates are paused. Reconnecting …",
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Nothing | Self::Updated => "visually-hidden",
            Self::Waiting | Self::Lost => "live",
        }
    }
}

/// Listens to the event stream at the address in `data-news`. After a notification it requests the page again and
/// replaces the elements with `data-live` and an `id` that differ. New rows (`tr` and `li` with an `id`) and changed
/// cells are marked for a moment. Unchanged rows stay the same elements, and checkboxes keep their state.
///
/// An element is not replaced while the focus is within it or the pointer is on something that would move. A button
/// offers the change instead. `data-live="text"` marks a few words whose change moves nothing: they are replaced at
/// once, also inside another such element.
///
/// Islands inside such an element do not work in rows that are added later, so event listeners belong further up. A
/// `change` event is dispatched on a replaced element.
///
/// This cannot be a form, because no user action starts it.
#[island]
pub fn LiveUpdates() -> impl IntoView {
    let page = LivePage {
        note: RwSignal::new(Note::Nothing),
        is_connected: StoredValue::new(false),
        pause: StoredValue::new(RECONNECT_FIRST),
        refresh: StoredValue::new(Refresh::Idle),
        is_retrying: StoredValue::new(false),
    };
    Effect::new(move |_| {
        page.connect();
        pause_while_hidden(page);
    });
    view! {
        <div class=move || page.note.get().class() role="status">
            <span>{move || page.note.get().text()}</span>
            <button
                type="button"
                class="button button--small"
                hidden=move || page.note.get() != Note::Waiting
                on:click=move |_| page.show(true)
            >
                "Refresh"
            </button>
        </div>
    }
}

/// Disconnects while the page is hidden, because a browser opens few connections to one server.
fn pause_while_hidden(page: LivePage) {
    window_event_listener(ev::visibilitychange, move |_| {
        LivePage::disconnect();
        if !document().hidden() {
            page.connect();
        }
    });
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Refresh {
    Idle,
    Running,
    /// Running, and another notification has arrived since.
    Requested,
}

thread_local! {
    // These are not reactive values, because the server also creates those and drops them on any thread.
    static SOURCE: RefCell<Option<EventSource>> = const { RefCell::new(None) };
    /// The page as it was last received.
    static LATEST: RefCell<Option<Document>> = const { RefCell::new(None) };
}

#[derive(Clone, Copy)]
struct LivePage {
    note: RwSignal<Note>,
    is_connected: StoredValue<bool>,
    pause: StoredValue<u32>,
    refresh: StoredValue<Refresh>,
    /// The timer for the next try is running. There is at most one.
    is_retrying: StoredValue<bool>,
}

fn handler(act: impl FnMut() + 'static) -> Function {
    Closure::<dyn FnMut()>::new(act).into_js_value().unchecked_into()
}

impl LivePage {
    fn connect(self) {
        let url = all("[data-news]").find_map(|place| place.get_attribute("data-news"));
        let Some(source) = url.and_then(|url| EventSource::new(&url).ok()) else { return };
        source.set_onmessage(Some(&handler(move || self.request_refresh())));
        source.set_onopen(Some(&handler(move || {
            self.is_connected.set_value(true);
            self.pause.set_value(RECONNECT_FIRST);
            if self.note.get_untracked() == Note::Lost {
                self.note.set(Note::Nothing);
            }
        })));
        let is_closed = {
            let source = source.clone();
            move || source.ready_state() == EventSource::CLOSED
        };
        source.set_onerror(Some(&handler(move || {
            self.is_connected.set_value(false);
            Timeout::new(LOST_AFTER, move || self.report_lost()).forget();
            // A browser reconnects by itself after a broken connection, but not after a refusal.
            if is_closed() {
                self.reconnect();
            }
        })));
        SOURCE.set(Some(source));
    }

    fn disconnect() {
        if let Some(source) = SOURCE.take() {
            source.close();
        }
    }

    fn reconnect(self) {
        let pause = self.pause.get_value();
        self.pause.set_value((pause * 2).min(RECONNECT_LAST));
        Timeout::new(pause, move || {
            if !document().hidden() {
                Self::disconnect();
                self.connect();
            }
        })
        .forget();
    }

    fn report_lost(self) {
        if !self.is_connected.get_value()
            && !document().hidden()
            && self.note.get_untracked() != Note::Waiting
        {
            self.note.set(Note::Lost);
        }
    }

    fn request_refresh(self) {
        if self.refresh.get_value() != Refresh::Idle {
            self.refresh.set_value(Refresh::Requested);
            return;
        }
        leptos::task::spawn_local(async move {
            loop {
                self.refresh.set_value(Refresh::Running);
                TimeoutFuture::new(COALESCE).await;
                let started = Date::now();
                if let Some(found) = fetch_page().await {
                    LATEST.set(Some(found));
                    self.show(false);
                }
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some seconds")]
                let rest = MIN_PAUSE.max((Date::now() - started) * 3.0) as u32;
                TimeoutFuture::new(rest).await;
                if self.refresh.get_value() != Refresh::Requested {
                    break;
                }
            }
            self.refresh.set_value(Refresh::Idle);
        });
    }

    /// Replaces what differs. An element that is in use is replaced only if `forced`.
    fn show(self, forced: bool) {
        let Some(found) = LATEST.with_borrow(Clone::clone) else { return };
        let (mut is_changed, mut is_waiting) = (false, false);
        for old in all("[data-live]").collect::<Vec<_>>() {
            let Some(new) = found.get_element_by_id(&old.id()) else { continue };
            if comparable_html(&old) == comparable_html(&new) {
            } else if !forced && is_in_use(&old) {
                is_waiting = true;
            } else {
                replace_region(&old, &new);
                is_changed = true;
            }
        }
        if is_waiting {
            self.note.set(Note::Waiting);
            self.retry_later();
        } else if is_changed {
            self.note.set(Note::Updated);
        } else if self.note.get_untracked() == Note::Waiting {
            self.note.set(Note::Nothing);
        }
        if is_changed {
            let marked: Vec<_> = all("[data-new]").collect();
            Timeout::new(MARK_DURATION, move || marked.iter().for_each(unmark)).forget();
        }
    }

    fn retry_later(self) {
        if !self.is_retrying.get_value() {
            self.is_retrying.set_value(true);
            Timeout::new(RETRY_INTERVAL, move || {
                self.is_retrying.set_value(false);
                self.show(false);
            })
            .forget();
        }
    }
}

/// Requests this page. The header marks a request that is no activity of the user (`ui/server/session.rs`).
async fn fetch_page() -> Option<Document> {
    let answer = fetch("", ("x-groupdesk-live", "1"), &RequestInit::new()).await?;
    // A redirect leads to the sign-in page.
    if !answer.ok() || answer.redirected() {
        return None;
    }
    let html = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    DomParser::new().ok()?.parse_from_string(&html, SupportedType::TextHtml).ok()
}

/// Whether a change would move what the pointer is on, or replace what has the focus.
fn is_in_use(region: &Element) -> bool {
    let is_moved = |hovered: Element| {
        let position = region.compare_document_position(&hovered);
        position == 0 || position & Node::DOCUMENT_POSITION_FOLLOWING != 0
    };
    let is_text = region.get_attribute("data-live").as_deref() == Some("text");
    region.matches(":focus-within").unwrap_or_default()
        || !is_text && all(":hover").last().is_some_and(is_moved)
}

/// The hidden fields of `ui/components/form_key.rs`.
const FORM_KEYS: &str = "input[name=form_key]";

/// The HTML of an element without what differs between two equal renderings: texts of times, form keys and our marks.
fn comparable_html(element: &Element) -> String {
    let Some(copy) = element.clone_node_with_deep(true).ok().and_then(|node| node.dyn_into::<Element>().ok())
    else {
        return String::new();
    };
    for time in all_within(&copy, "time") {
        time.set_text_content(None);
    }
    // An inner live element is compared and replaced separately.
    for inner in all_within(&copy, "[data-live]") {
        inner.set_text_content(None);
    }
    for key in all_within(&copy, FORM_KEYS) {
        let _ = key.remove_attribute("value");
    }
    unmark(&copy);
    all_within(&copy, "[data-new]").iter().for_each(unmark);
    copy.outer_html()
}

const MARK: &str = "data-new";

fn replace_region(old: &Element, new: &Element) {
    // The import is a copy, because the received page may be needed again.
    let Ok(new) = document().import_node_with_deep(new, true) else { return };
    let Ok(new) = new.dyn_into::<Element>() else { return };
    for row in all_within(&new, "tr[id], li[id]") {
        match document().get_element_by_id(&row.id()) {
            None => mark(&row),
            Some(before) if comparable_html(&before) == comparable_html(&row) => {
                let _ = row.replace_with_with_node_1(&before);
            }
            Some(before) => restore_checkboxes(&before, &row),
        }
    }
    let _ = old.replace_with_with_node_1(&new);
    let init = EventInit::new();
    init.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict("change", &init) {
        let _ = new.dispatch_event(&event);
    }
}

fn mark(element: &Element) {
    let _ = element.set_attribute(MARK, "");
}

fn unmark(element: &Element) {
    let _ = element.remove_attribute(MARK);
}

/// Marks the changed cells of a row and restores its checkboxes.
fn restore_checkboxes(before: &Element, row: &Element) {
    for (old, new) in all_within(before, ":scope > *").into_iter().zip(all_within(row, ":scope > *")) {
        if comparable_html(&old) != comparable_html(&new) {
            mark(&new);
        }
    }
    for (old, new) in all_within(before, "input").into_iter().zip(all_within(row, "input")) {
        if let (Ok(old), Ok(new)) = (old.dyn_into::<HtmlInputElement>(), new.dyn_into::<HtmlInputElement>()) {
            new.set_checked(old.checked());
        }
    }
}
