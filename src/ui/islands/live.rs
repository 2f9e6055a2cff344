//! What others change appears on an open page.

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

/// What is told within such a time is looked for once; all in milliseconds.
const GATHER: u32 = 200;
/// The page is read again at most so often, and for a quarter of the time at most: what is slow to make is not
/// made all the time.
const REST: f64 = 500.0;
/// How often it is tried whether the pointer has left.
const TRY_AGAIN: u32 = 400;
/// How long what is new is marked; the style fades it within this time.
const MARKED: u32 = 4_000;
/// Without a connection for so long one is told.
const LOST: u32 = 10_000;
const RECONNECT_FIRST: u32 = 2_000;
const RECONNECT_LAST: u32 = 60_000;

/// What is said about it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Note {
    Nothing,
    /// For those who do not see it.
    Updated,
    /// It would have moved what the pointer is on, or taken the focus.
    Waiting,
    Lost,
}

impl Note {
    const fn text(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Updated => "Updated.",
            Self::Waiting => "There is news.",
            Self::Lost => "Changes by others do not show at the moment.",
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Nothing | Self::Updated => "visually-hidden",
            Self::Waiting | Self::Lost => "live",
        }
    }
}

/// Listens to the event stream at the address in its `data-news`, reads the page again when something changed, and
/// brings over what differs in elements with `data-live` and an `id`. There, rows (`tr` and `li`) with an `id` that are
/// new are marked for a moment, as are changed cells; the other rows stay the elements that they are, and
/// ticks stay. Nothing changes while the pointer is on something that this would move, or the focus within
/// it: then a button offers it. `data-live="text"` is a few words whose change moves nothing; they change
/// at once, also within another such element.
///
/// Islands inside such an element would not be woken in rows that come later; what listens there must
/// listen further up. It is told by a `change` event.
///
/// Why this cannot be a form: nobody asks.
#[island]
pub fn LiveUpdates() -> impl IntoView {
    let page = LivePage {
        note: RwSignal::new(Note::Nothing),
        is_connected: StoredValue::new(false),
        pause: StoredValue::new(RECONNECT_FIRST),
        looking: StoredValue::new(Looking::No),
        is_trying: StoredValue::new(false),
    };
    Effect::new(move |_| {
        page.connect();
        document_listener(page);
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
                "Show it"
            </button>
        </div>
    }
}

/// A page that nobody sees holds no connection: a browser has few for one server.
fn document_listener(page: LivePage) {
    window_event_listener(ev::visibilitychange, move |_| {
        LivePage::disconnect();
        if !document().hidden() {
            page.connect();
        }
    });
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Looking {
    No,
    Yes,
    /// And once more.
    Again,
}

thread_local! {
    // Not in the page's own values: the server makes those too, and drops them on any thread.
    static SOURCE: RefCell<Option<EventSource>> = const { RefCell::new(None) };
    /// The page as it was read last.
    static FOUND: RefCell<Option<Document>> = const { RefCell::new(None) };
}

#[derive(Clone, Copy)]
struct LivePage {
    note: RwSignal<Note>,
    is_connected: StoredValue<bool>,
    pause: StoredValue<u32>,
    looking: StoredValue<Looking>,
    /// Whether it is tried again anyway: one timer at most, however much happens.
    is_trying: StoredValue<bool>,
}

fn handler(act: impl FnMut() + 'static) -> Function {
    Closure::<dyn FnMut()>::new(act).into_js_value().unchecked_into()
}

impl LivePage {
    fn connect(self) {
        let url = all("[data-news]").find_map(|place| place.get_attribute("data-news"));
        let Some(source) = url.and_then(|url| EventSource::new(&url).ok()) else { return };
        source.set_onmessage(Some(&handler(move || self.look())));
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
            Timeout::new(LOST, move || self.say_lost()).forget();
            // A browser comes back by itself after a connection that broke, and not after a refusal.
            if is_closed() {
                self.come_back();
            }
        })));
        SOURCE.set(Some(source));
    }

    fn disconnect() {
        if let Some(source) = SOURCE.take() {
            source.close();
        }
    }

    fn come_back(self) {
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

    fn say_lost(self) {
        if !self.is_connected.get_value()
            && !document().hidden()
            && self.note.get_untracked() != Note::Waiting
        {
            self.note.set(Note::Lost);
        }
    }

    fn look(self) {
        if self.looking.get_value() != Looking::No {
            self.looking.set_value(Looking::Again);
            return;
        }
        leptos::task::spawn_local(async move {
            loop {
                self.looking.set_value(Looking::Yes);
                TimeoutFuture::new(GATHER).await;
                let started = Date::now();
                if let Some(found) = read().await {
                    FOUND.set(Some(found));
                    self.show(false);
                }
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some seconds")]
                let rest = REST.max((Date::now() - started) * 3.0) as u32;
                TimeoutFuture::new(rest).await;
                if self.looking.get_value() != Looking::Again {
                    break;
                }
            }
            self.looking.set_value(Looking::No);
        });
    }

    /// Brings over what differs; of what is in use, only where `anyway`.
    fn show(self, anyway: bool) {
        let Some(found) = FOUND.with_borrow(Clone::clone) else { return };
        let (mut is_changed, mut is_waiting) = (false, false);
        for old in all("[data-live]").collect::<Vec<_>>() {
            let Some(new) = found.get_element_by_id(&old.id()) else { continue };
            if face(&old) == face(&new) {
            } else if !anyway && is_in_use(&old) {
                is_waiting = true;
            } else {
                bring_over(&old, &new);
                is_changed = true;
            }
        }
        if is_waiting {
            self.note.set(Note::Waiting);
            self.try_again();
        } else if is_changed {
            self.note.set(Note::Updated);
        } else if self.note.get_untracked() == Note::Waiting {
            self.note.set(Note::Nothing);
        }
        if is_changed {
            let marked: Vec<_> = all("[data-new]").collect();
            Timeout::new(MARKED, move || marked.iter().for_each(unmark)).forget();
        }
    }

    fn try_again(self) {
        if !self.is_trying.get_value() {
            self.is_trying.set_value(true);
            Timeout::new(TRY_AGAIN, move || {
                self.is_trying.set_value(false);
                self.show(false);
            })
            .forget();
        }
    }
}

/// This page as it would be now. The header says that nobody asked for it: see `ui/server/session.rs`.
async fn read() -> Option<Document> {
    let answer = fetch("", ("x-groupdesk-live", "1"), &RequestInit::new()).await?;
    // Elsewhere is where one signs in.
    if !answer.ok() || answer.redirected() {
        return None;
    }
    let html = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    DomParser::new().ok()?.parse_from_string(&html, SupportedType::TextHtml).ok()
}

/// Would a change move what the pointer is on, or touch what has the focus?
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

/// What of an element can differ: times are counted on in the page, keys say nothing, and marks are ours.
fn face(element: &Element) -> String {
    let Some(copy) = element.clone_node_with_deep(true).ok().and_then(|node| node.dyn_into::<Element>().ok())
    else {
        return String::new();
    };
    for time in all_within(&copy, "time") {
        time.set_text_content(None);
    }
    // What is brought over by itself is no difference of what is around it.
    for inner in all_within(&copy, "[data-live]") {
        inner.set_text_content(None);
    }
    // Each rendering of a page has a key of its own.
    for key in all_within(&copy, FORM_KEYS) {
        let _ = key.remove_attribute("value");
    }
    unmark(&copy);
    all_within(&copy, "[data-new]").iter().for_each(unmark);
    copy.outer_html()
}

const MARK: &str = "data-new";

fn bring_over(old: &Element, new: &Element) {
    // A copy: the page that was read may be needed again.
    let Ok(new) = document().import_node_with_deep(new, true) else { return };
    let Ok(new) = new.dyn_into::<Element>() else { return };
    for row in all_within(&new, "tr[id], li[id]") {
        match document().get_element_by_id(&row.id()) {
            None => mark(&row),
            Some(before) if face(&before) == face(&row) => {
                let _ = row.replace_with_with_node_1(&before);
            }
            Some(before) => keep_ticks(&before, &row),
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

/// A row that changed: says where, and is as ticked as before.
fn keep_ticks(before: &Element, row: &Element) {
    for (old, new) in all_within(before, ":scope > *").into_iter().zip(all_within(row, ":scope > *")) {
        if face(&old) != face(&new) {
            mark(&new);
        }
    }
    for (old, new) in all_within(before, "input").into_iter().zip(all_within(row, "input")) {
        if let (Ok(old), Ok(new)) = (old.dyn_into::<HtmlInputElement>(), new.dyn_into::<HtmlInputElement>()) {
            new.set_checked(old.checked());
        }
    }
}
