//! A text field with a list of results that follows what is typed: workspaces for a group, or anything.

use gloo_timers::future::TimeoutFuture;
use leptos::html::Input;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsValue;

use super::ask::{CANDIDATES_READ, SEARCH_READ, UNREACHABLE, ask, boolean, rows, text};
use super::dom::{field, is_composing};
use super::picker::ENROLL_FORM;

/// The pause after the last key before a search starts, in milliseconds.
const TYPING_PAUSE: u32 = 120;

/// The members of a `Candidate` and of a `NavTarget` in the JSON of the server functions.
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

/// An entry of the list.
#[derive(Clone)]
pub struct Choice {
    /// The id of a workspace, or the path of a page.
    pub value: String,
    pub name: String,
    detail: Option<String>,
    tag: Option<String>,
    is_disabled: bool,
}

impl Choice {
    /// Reads a `Candidate`.
    fn workspace(row: &JsValue) -> Option<Self> {
        let is_in = boolean(row, member::ENROLLED)?;
        Some(Self {
            value: text(row, member::WORKSPACE)?,
            name: text(row, member::NAME)?,
            detail: text(row, member::EXTERNAL_ID),
            tag: is_in.then(|| "already in".to_owned()),
            is_disabled: is_in,
        })
    }

    /// Reads a `NavTarget`.
    fn target(row: &JsValue) -> Option<Self> {
        let kind = text(row, member::KIND)?;
        let tag = if boolean(row, member::IS_REMOVED)? { format!("{kind}, removed") } else { kind };
        Some(Self {
            value: text(row, member::PATH)?,
            name: text(row, member::NAME)?,
            detail: text(row, member::DETAIL),
            tag: Some(tag),
            is_disabled: false,
        })
    }
}

/// What a search covers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Workspaces for the group of the form [`ENROLL_FORM`], if the page has one.
    Workspaces,
    /// Groups, workspaces, people and pages; without a text, only the pages.
    Everything,
}

impl Scope {
    async fn search(self, text: &str) -> Result<Vec<Choice>, String> {
        let found = match self {
            Self::Workspaces => {
                let group = field(ENROLL_FORM, "group").map(|group| group.value());
                let mut fields = vec![("search", text)];
                fields.extend(group.as_deref().map(|group| ("group", group)));
                rows(ask(CANDIDATES_READ, &fields).await?, Choice::workspace)
            }
            Self::Everything => rows(ask(SEARCH_READ, &[("text", text)]).await?, Choice::target),
        };
        found.ok_or_else(|| UNREACHABLE.to_owned())
    }

    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Workspaces => ("No workspace", "workspace", "workspaces"),
            Self::Everything => ("Nothing", "result", "results"),
        }
    }
}

/// The result of a search.
#[derive(Clone)]
struct SearchResult {
    search: String,
    /// The choices, or the sentence to show after a failure.
    outcome: Result<Vec<Choice>, String>,
}

/// The state of a field and its list (WAI-ARIA Authoring Practices, "Combobox Pattern").
#[derive(Clone, Copy)]
pub struct Finder {
    scope: Scope,
    pub typed: RwSignal<String>,
    found: RwSignal<Option<SearchResult>>,
    /// The highlighted row.
    active: RwSignal<Option<usize>>,
    open: RwSignal<bool>,
    /// A search is running, and the list belongs to an earlier text.
    busy: RwSignal<bool>,
    /// A choice was sent and the page is about to leave: another Enter must not send the form around the field, whose
    /// answer would replace the one to the choice.
    pub is_sent: RwSignal<bool>,
    /// The browser owns the text in it: a text that was typed before this code ran must not be overwritten.
    field: NodeRef<Input>,
}

impl Finder {
    /// `typed`: the text that the server renders into the field.
    pub fn new(scope: Scope, typed: String) -> Self {
        let finder = Self {
            scope,
            typed: RwSignal::new(typed),
            found: RwSignal::new(None),
            active: RwSignal::new(None),
            open: RwSignal::new(false),
            busy: RwSignal::new(false),
            is_sent: RwSignal::new(false),
            field: NodeRef::new(),
        };
        // Not immediately, because the page already has the results for the text that the server rendered.
        Effect::watch(
            move || finder.typed.get(),
            move |search, _, _| finder.search(search.trim().to_owned()),
            false,
        );
        // This effect follows the watch, which has to exist to see its change.
        Effect::new(move |_| {
            let Some(field) = finder.field.get() else { return };
            let (rendered, text) = (field.default_value(), field.value());
            let has_typed = text != rendered;
            *finder.typed.write_untracked() = rendered;
            if has_typed {
                finder.typed.set(text);
            }
        });
        finder
    }

    fn search(self, search: String) {
        let is_answered = |found: &Option<SearchResult>| {
            found.as_ref().is_some_and(|found| found.search == search && found.outcome.is_ok())
        };
        if self.found.with_untracked(is_answered) {
            return self.busy.set(false);
        }
        self.active.set(None);
        if search.is_empty() && self.scope != Scope::Everything {
            self.found.set(None);
            return self.busy.set(false);
        }
        leptos::task::spawn_local(async move {
            TimeoutFuture::new(TYPING_PAUSE).await;
            if self.typed.with_untracked(|typed| typed.trim() != search) {
                return;
            }
            self.busy.set(true);
            let outcome = self.scope.search(&search).await;
            if self.typed.with_untracked(|typed| typed.trim() == search) {
                // Enter opens the first result, but it never enrolls a workspace that was not chosen.
                let is_sure = self.scope == Scope::Everything && !search.is_empty();
                self.active
                    .set((is_sure && outcome.as_ref().is_ok_and(|found| !found.is_empty())).then_some(0));
                self.found.set(Some(SearchResult { search, outcome }));
                self.open.set(true);
                self.busy.set(false);
            }
        });
    }

    fn choices(self) -> Vec<Choice> {
        self.found.with(|found| match found {
            Some(SearchResult { outcome: Ok(choices), .. }) => choices.clone(),
            Some(SearchResult { outcome: Err(_), .. }) | None => Vec::new(),
        })
    }

    /// The state of the search for screen readers.
    fn status(self) -> String {
        if self.busy.get() {
            return "Searching …".to_owned();
        }
        let (none, one, many) = self.scope.words();
        self.found.with(|found| match found {
            None => String::new(),
            Some(SearchResult { outcome: Err(sentence), .. }) => sentence.clone(),
            Some(SearchResult { search, outcome: Ok(choices) }) => match choices.len() {
                0 => format!("{none} matches “{search}”."),
                1 => format!("1 {one} found."),
                number => format!("{number} {many} found."),
            },
        })
    }

    /// Moves the highlight to the next enabled choice, from the last to the first and back.
    fn step(self, forward: bool) {
        let choices = self.choices();
        let length = choices.len();
        let (before, step) = if forward { (length.wrapping_sub(1), 1) } else { (0, length.wrapping_sub(1)) };
        let start = self.active.get_untracked().unwrap_or(before);
        let next = (1..=length)
            .map(|distance| (start + distance * step) % length)
            .find(|&index| !choices[index].is_disabled);
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

/// The field and its list. `pick` receives the choice. Without a highlighted choice, Enter submits the form around it.
#[component]
pub fn Combobox(
    finder: Finder,
    list: &'static str,
    label: &'static str,
    name: Option<&'static str>,
    pick: Callback<Choice>,
) -> impl IntoView {
    let is_open = move || finder.open.get() && !finder.choices().is_empty();
    let closes_first = finder.scope != Scope::Everything;
    let found = if closes_first { "Workspaces found" } else { "Results" };
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
        // The first press closes the list and the second clears the field. In the palette, the dialog closes instead.
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
                // A search field has a role of its own.
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
    let Choice { name, detail, tag, is_disabled, .. } = choice.clone();
    view! {
        <li
            id=option_id(list, index)
            role="option"
            aria-selected=move || (finder.active.get() == Some(index)).to_string()
            aria-disabled=is_disabled.then_some("true")
            // A click would come too late: the field would lose the focus and close the list.
            on:mousedown=move |event| {
                event.prevent_default();
                if !is_disabled {
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
    use crate::ui::search::view::NavTarget;

    /// Whether the row has these members with texts and booleans.
    fn has(row: impl Serialize, texts: &[&str], booleans: &[&str]) -> bool {
        let row = serde_json::to_value(row).unwrap();
        let are = |names: &[&str], is: fn(&Value) -> bool| names.iter().all(|name| is(&row[*name]));
        are(texts, Value::is_string) && are(booleans, Value::is_boolean)
    }

    #[test]
    fn members_are_those_of_the_server_functions() {
        let candidate = Candidate {
            workspace: WorkspaceId::new(uuid::Uuid::nil()),
            name: "Acme".to_owned(),
            external_workspace_id: Some("ws-1".to_owned()),
            enrolled: true,
        };
        assert!(has(candidate, &[member::WORKSPACE, member::NAME, member::EXTERNAL_ID], &[member::ENROLLED]));
        let target = NavTarget {
            path: "/groups".to_owned(),
            kind: "Page".to_owned(),
            name: "Groups".to_owned(),
            detail: Some("detail".to_owned()),
            is_removed: false,
            is_exact: false,
        };
        assert!(has(
            target,
            &[member::PATH, member::KIND, member::NAME, member::DETAIL],
            &[member::IS_REMOVED]
        ));
    }
}
