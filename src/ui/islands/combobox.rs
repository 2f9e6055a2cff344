//! A field with a list that follows what is typed in it: workspaces for a group, or anything at all.

use gloo_timers::future::TimeoutFuture;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsValue;

use super::ask::{CANDIDATES_READ, SEARCH_READ, UNREACHABLE, ask, boolean, rows, text};
use super::dom::{field, is_composing};
use super::picker::ENROLL;

/// In milliseconds: long enough to type on, short enough not to be noticed.
const TYPING_PAUSE: u32 = 120;

/// The members of a candidate and of a jump, as the server functions write them.
mod member {
    pub const WORKSPACE: &str = "workspace";
    pub const NAME: &str = "name";
    pub const EXTERNAL_ID: &str = "external_workspace_id";
    pub const ENROLLED: &str = "enrolled";
    pub const KIND: &str = "kind";
    pub const IS_REMOVED: &str = "is_removed";
    pub const PATH: &str = "path";
    pub const DETAIL: &str = "detail";
}

/// Something to pick.
#[derive(Clone)]
pub struct Choice {
    /// What it is picked as: an id, or where it leads.
    pub value: String,
    pub name: String,
    detail: Option<String>,
    tag: Option<String>,
    is_off: bool,
}

impl Choice {
    /// Reads a `Candidate` as the server function writes it.
    fn workspace(row: &JsValue) -> Option<Self> {
        let is_in = boolean(row, member::ENROLLED)?;
        Some(Self {
            value: text(row, member::WORKSPACE)?,
            name: text(row, member::NAME)?,
            detail: text(row, member::EXTERNAL_ID),
            tag: is_in.then(|| "already in".to_owned()),
            is_off: is_in,
        })
    }

    /// Reads a `Jump` as the server function writes it.
    fn place(row: &JsValue) -> Option<Self> {
        let kind = text(row, member::KIND)?;
        let tag = if boolean(row, member::IS_REMOVED)? { format!("{kind}, removed") } else { kind };
        Some(Self {
            value: text(row, member::PATH)?,
            name: text(row, member::NAME)?,
            detail: text(row, member::DETAIL),
            tag: Some(tag),
            is_off: false,
        })
    }
}

/// What is searched.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Among {
    /// Seen from the group of the page's form that enrolls, or from none.
    Workspaces,
    /// All that can be gone to; without a text, the pages.
    Everything,
}

impl Among {
    async fn search(self, text: &str) -> Result<Vec<Choice>, String> {
        let found = match self {
            Self::Workspaces => {
                let group = field(ENROLL, "group").map(|group| group.value());
                let mut fields = vec![("search", text)];
                fields.extend(group.as_deref().map(|group| ("group", group)));
                rows(ask(CANDIDATES_READ, &fields).await?, Choice::workspace)
            }
            Self::Everything => rows(ask(SEARCH_READ, &[("text", text)]).await?, Choice::place),
        };
        found.ok_or_else(|| UNREACHABLE.to_owned())
    }

    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Workspaces => ("No workspace", "One workspace", "workspaces"),
            Self::Everything => ("Nothing", "One", "places"),
        }
    }
}

/// What the search came to; the text it was for, so that a late answer is not shown.
#[derive(Clone)]
struct Found {
    search: String,
    /// On failure, the sentence to show.
    outcome: Result<Vec<Choice>, String>,
}

/// A list that follows what is typed. The keys are those of a combobox (WAI-ARIA Authoring
/// Practices, "Combobox Pattern").
#[derive(Clone, Copy)]
pub struct Finder {
    among: Among,
    pub typed: RwSignal<String>,
    found: RwSignal<Option<Found>>,
    /// The highlighted row.
    active: RwSignal<Option<usize>>,
    open: RwSignal<bool>,
    /// An answer is waited for; what is shown is of an earlier text.
    busy: RwSignal<bool>,
    /// A choice was sent and the page is about to leave: another Enter must not send the form around the field, whose
    /// answer would replace the one to the choice.
    pub is_sent: RwSignal<bool>,
    /// What it holds is the field's own: a text typed before this code ran must not be overwritten.
    field: NodeRef<Input>,
}

impl Finder {
    /// `typed`: what the server writes into the field.
    pub fn new(among: Among, typed: String) -> Self {
        let finder = Self {
            among,
            typed: RwSignal::new(typed),
            found: RwSignal::new(None),
            active: RwSignal::new(None),
            open: RwSignal::new(false),
            busy: RwSignal::new(false),
            is_sent: RwSignal::new(false),
            field: NodeRef::new(),
        };
        // Only what is typed after the page is there is searched for: the server has answered what
        // was typed before.
        Effect::watch(
            move || finder.typed.get(),
            move |search, _, _| finder.search(search.trim().to_owned()),
            false,
        );
        // After the watch above, which has to be there to see it.
        Effect::new(move |_| {
            let Some(field) = finder.field.get() else { return };
            let (answered, text) = (field.default_value(), field.value());
            let is_typed_on = text != answered;
            *finder.typed.write_untracked() = answered;
            if is_typed_on {
                finder.typed.set(text);
            }
        });
        finder
    }

    fn search(self, search: String) {
        let is_answered = |found: &Option<Found>| {
            found.as_ref().is_some_and(|found| found.search == search && found.outcome.is_ok())
        };
        if self.found.with_untracked(is_answered) {
            self.busy.set(false);
            return;
        }
        self.active.set(None);
        if search.is_empty() && self.among != Among::Everything {
            self.found.set(None);
            self.busy.set(false);
            return;
        }
        leptos::task::spawn_local(async move {
            TimeoutFuture::new(TYPING_PAUSE).await;
            if self.typed.with_untracked(|typed| typed.trim() != search) {
                return;
            }
            self.busy.set(true);
            let outcome = self.among.search(&search).await;
            if self.typed.with_untracked(|typed| typed.trim() == search) {
                // Who looks for anything goes to the first; who enrolls, chooses.
                let is_sure = self.among == Among::Everything && !search.is_empty();
                self.active
                    .set((is_sure && outcome.as_ref().is_ok_and(|found| !found.is_empty())).then_some(0));
                self.found.set(Some(Found { search, outcome }));
                self.open.set(true);
                self.busy.set(false);
            }
        });
    }

    fn choices(self) -> Vec<Choice> {
        self.found.with(|found| match found {
            Some(Found { outcome: Ok(choices), .. }) => choices.clone(),
            Some(Found { outcome: Err(_), .. }) | None => Vec::new(),
        })
    }

    /// What to say about the search to those who do not see the list.
    fn status(self) -> String {
        if self.busy.get() {
            return "Searching …".to_owned();
        }
        let (none, one, many) = self.among.words();
        self.found.with(|found| match found {
            None => String::new(),
            Some(Found { outcome: Err(sentence), .. }) => sentence.clone(),
            Some(Found { search, outcome: Ok(choices) }) => match choices.len() {
                0 => format!("{none} matches “{search}”."),
                1 => format!("{one} found."),
                number => format!("{number} {many} found."),
            },
        })
    }

    /// Moves the highlight over what can be picked, around the ends.
    fn step(self, forward: bool) {
        let choices = self.choices();
        let length = choices.len();
        let Some(start) =
            self.active.get_untracked().or(Some(if forward { length.wrapping_sub(1) } else { 0 }))
        else {
            return;
        };
        let next = (1..=length)
            .map(|distance| {
                if forward {
                    start.wrapping_add(distance) % length
                } else {
                    (start + length - distance) % length
                }
            })
            .find(|&index| !choices[index].is_off);
        self.active.set(next);
        self.open.set(true);
    }

    /// Empties the field.
    pub fn clear(self) {
        if let Some(field) = self.field.get_untracked() {
            field.set_value("");
        }
        self.typed.set(String::new());
        self.close();
    }

    pub fn close(self) {
        self.open.set(false);
        self.active.set(None);
    }
}

fn option_id(list: &str, index: usize) -> String {
    format!("{list}-{index}")
}

/// The field and its list. `pick` is called with what was chosen; without a highlight, Enter does
/// what the form around it does.
#[component]
pub fn Combobox(
    finder: Finder,
    list: &'static str,
    label: &'static str,
    name: Option<&'static str>,
    pick: Callback<Choice>,
) -> impl IntoView {
    let is_open = move || finder.open.get() && !finder.choices().is_empty();
    let closes_first = finder.among != Among::Everything;
    let found = if closes_first { "Workspaces found" } else { "Places found" };
    let on_key = move |event: leptos::ev::KeyboardEvent| match event.key().as_str() {
        _ if is_composing(&event) => {}
        "ArrowDown" => {
            event.prevent_default();
            finder.step(true);
        }
        "ArrowUp" => {
            event.prevent_default();
            finder.step(false);
        }
        // Closes the list first; pressed again, it empties the field. Where the list is all there is, its
        // dialog closes.
        "Escape" if closes_first => {
            event.prevent_default();
            if is_open() {
                finder.close();
            } else {
                finder.clear();
            }
        }
        "Enter" if finder.is_sent.get_untracked() => event.prevent_default(),
        "Enter" => {
            let chosen =
                finder.active.get_untracked().and_then(|index| finder.choices().into_iter().nth(index));
            if let Some(choice) = chosen {
                event.prevent_default();
                pick.run(choice);
            }
        }
        _ => {}
    };
    view! {
        <div class="combobox">
            <label class="visually-hidden" for=format!("{list}-field")>{label}</label>
            <input
                id=format!("{list}-field")
                name=name
                // Not a search field: that is of another role already.
                type="text"
                role="combobox"
                enterkeyhint="search"
                autocomplete="off"
                placeholder=label
                aria-autocomplete="list"
                aria-controls=list
                aria-expanded=move || is_open().to_string()
                aria-activedescendant=move || finder.active.get().map(|index| option_id(list, index))
                node_ref=finder.field
                value=finder.typed.get_untracked()
                on:input=move |event| {
                    finder.is_sent.set(false);
                    finder.typed.set(event_target_value(&event));
                }
                on:keydown=on_key
                on:focus=move |_| {
                    finder.is_sent.set(false);
                    finder.open.set(true);
                }
                on:blur=move |_| finder.close()
            />
            <ul
                class="combobox__list"
                id=list
                role="listbox"
                aria-label=found
                aria-busy=move || finder.busy.get().to_string()
                hidden=move || !is_open()
            >
                {move || {
                    finder
                        .choices()
                        .into_iter()
                        .enumerate()
                        .map(|(index, choice)| view! { <Row finder list index choice pick /> })
                        .collect_view()
                }}
            </ul>
            <p class="combobox__status" role="status">{move || finder.status()}</p>
        </div>
    }
}

#[component]
fn Row(
    finder: Finder,
    list: &'static str,
    index: usize,
    choice: Choice,
    pick: Callback<Choice>,
) -> impl IntoView {
    let Choice { name, detail, tag, is_off, .. } = choice.clone();
    view! {
        <li
            id=option_id(list, index)
            role="option"
            aria-selected=move || (finder.active.get() == Some(index)).to_string()
            aria-disabled=is_off.then_some("true")
            // Before the field loses the focus, which closes the list.
            on:mousedown=move |event| {
                event.prevent_default();
                if !is_off {
                    pick.run(choice.clone());
                }
            }
        >
            <span class="name" dir="auto">{name}</span>
            {detail.map(|detail| view! { <code class="muted">{detail}</code> })}
            {tag.map(|tag| view! { <span class="tag">{tag}</span> })}
        </li>
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::Value;

    use super::member;
    use crate::kernel::id::WorkspaceId;
    use crate::resources::enrollments::model::Candidate;
    use crate::ui::search::actions::NavTarget;

    /// Whether the members are there, with a value of this kind each.
    fn has(row: impl Serialize, texts: &[&str], booleans: &[&str]) -> bool {
        let row = serde_json::to_value(row).unwrap();
        let are = |names: &[&str], is: fn(&Value) -> bool| names.iter().all(|name| is(&row[*name]));
        are(texts, Value::is_string) && are(booleans, Value::is_boolean)
    }

    #[test]
    fn the_members_that_are_read_are_those_that_the_server_writes() {
        let candidate = Candidate {
            workspace: WorkspaceId::new(uuid::Uuid::nil()),
            name: "Acme".to_owned(),
            external_workspace_id: Some("ws-1".to_owned()),
            enrolled: true,
        };
        assert!(has(candidate, &[member::WORKSPACE, member::NAME, member::EXTERNAL_ID], &[member::ENROLLED]));
        let jump = NavTarget {
            path: "/groups".to_owned(),
            kind: "Page".to_owned(),
            name: "Groups".to_owned(),
            detail: Some("detail".to_owned()),
            is_removed: false,
            is_exact: false,
        };
        assert!(has(
            jump,
            &[member::PATH, member::KIND, member::NAME, member::DETAIL],
            &[member::IS_REMOVED]
        ));
    }
}
