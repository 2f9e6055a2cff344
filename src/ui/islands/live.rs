//! Live updates: shows on an open page what others change.

use std::cell::{Cell, RefCell};

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
use super::dom::{all, all_within, first};

// All times are in milliseconds.

/// Notifications within this time cause one request.
const COALESCE: u32 = 200;
/// The shortest pause between two requests. After a slow request it is three times as long as that took.
const MIN_PAUSE: f64 = 500.0;
/// How often a change is tried again while the pointer or the focus prevents it.
const RETRY_INTERVAL: u32 = 400;
/// How long new rows and cells are marked. The style fades the mark within this time.
const MARK_DURATION: u32 = 4_000;
/// How long a connection may be lost before the page says so. The server lets browsers connect again sooner
/// (`ui/server/live.rs`), so that the planned end of a connection is not reported.
const LOST_AFTER: u32 = 2_500;
const RECONNECT_FIRST: u32 = 2_000;
const RECONNECT_LAST: u32 = 60_000;

// What the page says about live updates, if anything. The first is only for screen readers.
const UPDATED: &str = "Updated.";
/// A change waits, because it would move what the pointer is on, or take the focus.
const WAITING: &str = "This page has changed.";
const LOST: &str = "The connection is lost. What you see may be out of date.";

/// What the page says, and how many rows a waiting change concerns.
#[derive(Clone, Copy)]
struct Note {
    text: RwSignal<&'static str>,
    rows: RwSignal<usize>,
}

impl Note {
    fn is(self, text: &str) -> bool {
        self.text.get_untracked() == text
    }
}

/// Listens to the event stream at the address in `data-events-url`. After a notification it requests the page again and
/// replaces the elements with `data-live` and an `id` that differ. New rows (`tr` and `li` with an `id`) and changed
/// cells are marked for a moment. Unchanged rows stay the same elements, and checkboxes keep their state.
///
/// An element is not replaced while the focus is within it or the pointer is on something that would move. A button
/// offers the change instead. `data-live="text"` marks a few words whose change moves nothing: they are replaced at
/// once, also inside another such element.
///
/// Islands inside such an element do not work in rows that are added later, so event listeners belong further up. A
/// `change` event is dispatched on a replaced element. This cannot be a form, because no user action starts it.
#[island]
pub fn LiveUpdates() -> impl IntoView {
    let note = Note { text: RwSignal::new(""), rows: RwSignal::new(0) };
    Effect::new(move |_| {
        connect(note);
        // A hidden page disconnects, because a browser opens few connections to one server.
        window_event_listener(ev::visibilitychange, move |_| reconnect(note));
        window_event_listener(ev::online, move |_| reconnect(note));
        window_event_listener(ev::offline, move |_| lose(note));
    });
    let class = move || if [WAITING, LOST].contains(&note.text.get()) { "live" } else { "visually-hidden" };
    let text = move || match (note.text.get(), note.rows.get()) {
        (WAITING, 1) => "1 new change".to_owned(),
        (WAITING, number @ 2..) => format!("{number} new changes"),
        (text, _) => text.to_owned(),
    };
    view! {
        <div class=class role="status">
            <span>{text}</span>
            <button
                type="button"
                class="button button--small"
                hidden=move || note.text.get() != WAITING
                on:click=move |_| show(note, true)
            >
                "Show"
            </button>
        </div>
    }
}

thread_local! {
    // A page has one such island. These are not reactive values, because the server also creates those and drops them
    // on any thread.
    static SOURCE: RefCell<Option<EventSource>> = const { RefCell::new(None) };
    static IS_CONNECTED: Cell<bool> = const { Cell::new(false) };
    static PAUSE: Cell<u32> = const { Cell::new(RECONNECT_FIRST) };
    static IS_REFRESHING: Cell<bool> = const { Cell::new(false) };
    /// A notification has arrived since the last refresh began.
    static IS_REQUESTED: Cell<bool> = const { Cell::new(false) };
    /// The timer for the next try is running. There is at most one.
    static IS_RETRYING: Cell<bool> = const { Cell::new(false) };
    static LATEST: RefCell<Option<Document>> = const { RefCell::new(None) };
}

fn handler(act: impl FnMut() + 'static) -> Function {
    Closure::<dyn FnMut()>::new(act).into_js_value().unchecked_into()
}

fn connect(note: Note) {
    let url =
        first::<Element>("[data-events-url]").and_then(|element| element.get_attribute("data-events-url"));
    let Some(source) = url.and_then(|url| EventSource::new(&url).ok()) else { return };
    source.set_onmessage(Some(&handler(move || request_refresh(note))));
    source.set_onopen(Some(&handler(move || {
        IS_CONNECTED.set(true);
        PAUSE.set(RECONNECT_FIRST);
        if note.is(LOST) {
            note.text.set("");
        }
    })));
    let this = source.clone();
    source.set_onerror(Some(&handler(move || {
        lose(note);
        // A browser reconnects by itself after a broken connection, but not after a refusal.
        if this.ready_state() == EventSource::CLOSED {
            let pause = PAUSE.get();
            PAUSE.set((pause * 2).min(RECONNECT_LAST));
            Timeout::new(pause, move || reconnect(note)).forget();
        }
    })));
    SOURCE.set(Some(source));
}

/// Says after a while that the connection is lost, unless there is another one by then.
fn lose(note: Note) {
    IS_CONNECTED.set(false);
    let report = move || {
        // A connection that was opened before may stay open while the browser is offline.
        let is_lost = !IS_CONNECTED.get() || !window().navigator().on_line();
        if is_lost && !document().hidden() {
            note.text.set(LOST);
        }
    };
    Timeout::new(LOST_AFTER, report).forget();
}

/// Ends the connection, and begins another one unless the page is hidden.
fn reconnect(note: Note) {
    if let Some(source) = SOURCE.take() {
        source.close();
    }
    if !document().hidden() {
        connect(note);
    }
}

fn request_refresh(note: Note) {
    IS_REQUESTED.set(true);
    if IS_REFRESHING.replace(true) {
        return;
    }
    leptos::task::spawn_local(async move {
        while IS_REQUESTED.take() {
            TimeoutFuture::new(COALESCE).await;
            let started = Date::now();
            if let Some(page) = fetch_page().await {
                LATEST.set(Some(page));
                show(note, false);
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some seconds")]
            let pause = MIN_PAUSE.max((Date::now() - started) * 3.0) as u32;
            TimeoutFuture::new(pause).await;
        }
        IS_REFRESHING.set(false);
    });
}

/// Replaces the live elements that differ from the latest fetched page. One that is in use is replaced only if
/// `forced`, and otherwise tried again after [`RETRY_INTERVAL`].
fn show(note: Note, forced: bool) {
    let Some(page) = LATEST.with_borrow(Clone::clone) else { return };
    let (mut is_changed, mut is_waiting, mut rows) = (false, false, 0);
    for old in all::<Element>("[data-live]") {
        let Some(new) = page.get_element_by_id(&old.id()) else { continue };
        if comparable_html(&old) == comparable_html(&new) {
            continue;
        }
        if forced || !is_in_use(&old) {
            replace_region(&old, &new);
            is_changed = true;
        } else {
            is_waiting = true;
            rows += changed_rows(&old, &new);
        }
    }
    if is_waiting {
        note.rows.set(rows);
        note.text.set(WAITING);
        if !IS_RETRYING.replace(true) {
            let retry = move || {
                IS_RETRYING.set(false);
                show(note, false);
            };
            Timeout::new(RETRY_INTERVAL, retry).forget();
        }
    } else if is_changed {
        note.text.set(UPDATED);
    } else if note.is(WAITING) {
        note.text.set("");
    }
    if is_changed {
        let marked = all::<Element>("[data-new]");
        Timeout::new(MARK_DURATION, move || marked.iter().for_each(unmark)).forget();
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
    let is_moved = |hovered: &Element| {
        let position = region.compare_document_position(hovered);
        position == 0 || position & Node::DOCUMENT_POSITION_FOLLOWING != 0
    };
    let is_text = region.get_attribute("data-live").as_deref() == Some("text");
    region.matches(":focus-within").unwrap_or_default()
        || !is_text && all::<Element>(":hover").last().is_some_and(is_moved)
}

/// The HTML of an element without what differs between two equal renderings: texts of times, form keys and our marks.
fn comparable_html(element: &Element) -> String {
    let copy = element.clone_node_with_deep(true).map(JsCast::dyn_into::<Element>);
    let Ok(Ok(copy)) = copy else { return String::new() };
    // An inner live element is compared and replaced separately.
    for inner in all_within::<Element>(&copy, "time, [data-live]") {
        inner.set_text_content(None);
    }
    // The hidden fields of `FormKey` in `ui/components/form.rs`.
    for key in all_within::<Element>(&copy, "input[name=form_key]") {
        let _ = key.remove_attribute("value");
    }
    // The reader opens and closes these.
    for details in all_within::<Element>(&copy, "details") {
        let _ = details.remove_attribute("open");
    }
    unmark(&copy);
    all_within(&copy, "[data-new]").iter().for_each(unmark);
    copy.outer_html()
}

const ROWS: &str = "tr[id], li[id]";

/// The number of rows that are added, removed or different in the new element.
fn changed_rows(old: &Element, new: &Element) -> usize {
    let html = |rows: Vec<Element>| rows.into_iter().map(|row| (row.id(), comparable_html(&row)));
    let mut before: Vec<_> = html(all_within(old, ROWS)).collect();
    let mut changed = 0;
    for row in html(all_within(new, ROWS)) {
        match before.iter().position(|(id, _)| *id == row.0) {
            Some(index) => changed += usize::from(before.swap_remove(index) != row),
            None => changed += 1,
        }
    }
    // An addition moves the last row of a full page to the next one.
    changed.max(before.len())
}

const MARK: &str = "data-new";

fn replace_region(old: &Element, new: &Element) {
    // The import is a copy, because the received page may be needed again.
    let new = document().import_node_with_deep(new, true).map(JsCast::dyn_into::<Element>);
    let Ok(Ok(new)) = new else { return };
    for row in all_within::<Element>(&new, ROWS) {
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
    let cells = |row: &Element| all_within::<Element>(row, ":scope > *").into_iter();
    for (old, new) in cells(before).zip(cells(row)) {
        if comparable_html(&old) != comparable_html(&new) {
            mark(&new);
        }
    }
    let inputs = |row: &Element| all_within::<HtmlInputElement>(row, "input").into_iter();
    inputs(before).zip(inputs(row)).for_each(|(old, new)| new.set_checked(old.checked()));
}
