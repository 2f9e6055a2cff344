//! A text field with a list of results that follows what is typed: workspaces for a group, groups for a workspace, or
//! anything.

use gloo_timers::future::TimeoutFuture;
use leptos::html::Input;
use leptos::prelude::*;

use super::ask::{CANDIDATES_READ, GROUP_CANDIDATES_READ, Members, SEARCH_READ, UNREACHABLE, ask, rows};
use super::dom::is_composing;
use super::picker::enroll_field;

/// The pause after the last key before a search starts, in milliseconds.
const TYPING_PAUSE: u32 = 120;

#[derive(Clone)]
pub struct Choice {
    /// The id of a workspace or group, or the path of a page.
    pub value: String,
    pub name: String,
    detail: Option<String>,
    tag: Option<String>,
    is_disabled: bool,
}

impl Choice {
    /// Reads a `Candidate`.
    fn workspace(row: &impl Members) -> Option<Self> {
        Self::candidate(row, "workspace")
    }

    /// Reads a `GroupCandidate`.
    fn group(row: &impl Members) -> Option<Self> {
        Self::candidate(row, "group")
    }

    fn candidate(row: &impl Members, id: &str) -> Option<Self> {
        let is_in = row.boolean("enrolled")?;
        Some(Self {
            value: row.text(id)?,
            name: row.text("name")?,
            detail: row.text("external_workspace_id"),
            tag: is_in.then(|| "already in".to_owned()),
            is_disabled: is_in,
        })
    }

    /// Reads a `NavTarget`.
    fn target(row: &impl Members) -> Option<Self> {
        let kind = row.text("kind")?;
        let state = removed_state(&kind);
        let mut tag = if row.boolean("is_removed")? { format!("{kind}, {state}") } else { kind };
        if let Some(place) = row.text("place") {
            tag = format!("{tag} {place}");
        }
        Some(Self {
            value: row.text("path")?,
            name: row.text("name")?,
            detail: row.text("detail"),
            tag: Some(tag),
            is_disabled: false,
        })
    }
}

/// The state of a row of this kind that is no longer live.
pub fn removed_state(kind: &str) -> &'static str {
    if kind == "Enrollment" { "removed" } else { "archived" }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Workspaces for the group of the form `ENROLL_FORM`, if the page has one.
    Workspaces,
    /// Groups for the workspace of the same form.
    Groups,
    /// Live and archived resources of this kind of `NavTarget`.
    Kind(&'static str),
    /// Groups, workspaces, people and pages; without a text, only the pages.
    Everything,
}

impl Scope {
    async fn search(self, text: &str) -> Result<Vec<Choice>, String> {
        let choices = match self {
            Self::Workspaces => {
                let group = enroll_field("group").map(|group| group.value());
                let mut fields = vec![("search", text)];
                fields.extend(group.as_deref().map(|group| ("group", group)));
                rows(ask(CANDIDATES_READ, &fields).await?, Choice::workspace)
            }
            Self::Groups => {
                let workspace =
                    enroll_field("workspace").map(|workspace| workspace.value()).unwrap_or_default();
                let fields = [("workspace", &*workspace), ("search", text)];
                rows(ask(GROUP_CANDIDATES_READ, &fields).await?, Choice::group)
            }
            Self::Kind(_) | Self::Everything => {
                rows(ask(SEARCH_READ, &[("text", text)]).await?, Choice::target)
            }
        };
        let is_wanted = |choice: &Choice| match self {
            Self::Kind(kind) => choice.tag.as_deref().is_some_and(|tag| tag.starts_with(kind)),
            Self::Workspaces | Self::Groups | Self::Everything => true,
        };
        let wanted = |choices: Vec<_>| choices.into_iter().filter(is_wanted).collect();
        choices.map(wanted).ok_or_else(|| UNREACHABLE.to_owned())
    }

    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Workspaces | Self::Kind("Workspace") => ("No workspace", "workspace", "workspaces"),
            Self::Groups | Self::Kind("Group") => ("No group", "group", "groups"),
            Self::Kind(_) => ("No person", "person", "people"),
            Self::Everything => ("Nothing", "result", "results"),
        }
    }
}

/// What was searched for, and the choices or the sentence to show after a failure.
type SearchResult = (String, Result<Vec<Choice>, String>);

/// The state of a field and its list (WAI-ARIA Authoring Practices, "Combobox Pattern").
#[derive(Clone, Copy)]
pub struct Finder {
    scope: Scope,
    pub typed: RwSignal<String>,
    result: RwSignal<Option<SearchResult>>,
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
            result: RwSignal::new(None),
            active: RwSignal::new(None),
            open: RwSignal::new(false),
            busy: RwSignal::new(false),
            is_sent: RwSignal::new(false),
            field: NodeRef::new(),
        };
        // Not immediately, because the page already has the results for the text that the server rendered.
        let search = move |typed: &String, _: Option<&String>, _| finder.search(typed.trim().to_owned());
        Effect::watch(move || finder.typed.get(), search, false);
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
        let is_answered = |result: &Option<SearchResult>| {
            result.as_ref().is_some_and(|(answered, outcome)| *answered == search && outcome.is_ok())
        };
        if self.result.with_untracked(is_answered) {
            return self.busy.set(false);
        }
        self.active.set(None);
        if search.is_empty() && self.scope != Scope::Everything {
            self.result.set(None);
            return self.busy.set(false);
        }
        leptos::task::spawn_local(async move {
            let is_current = || self.typed.with_untracked(|typed| typed.trim() == search);
            TimeoutFuture::new(TYPING_PAUSE).await;
            if !is_current() {
                return;
            }
            self.busy.set(true);
            let outcome = self.scope.search(&search).await;
            if is_current() {
                // Enter opens the first result, but it never enrolls a workspace that was not chosen.
                let is_sure = self.scope == Scope::Everything && !search.is_empty();
                let has_choices = outcome.as_ref().is_ok_and(|choices| !choices.is_empty());
                self.active.set((is_sure && has_choices).then_some(0));
                self.result.set(Some((search, outcome)));
                self.open.set(true);
                self.busy.set(false);
            }
        });
    }

    fn choices(self) -> Vec<Choice> {
        self.result.with(|result| match result {
            Some((_, Ok(choices))) => choices.clone(),
            Some((_, Err(_))) | None => Vec::new(),
        })
    }

    /// The state of the search for screen readers.
    fn status(self) -> String {
        if self.busy.get() {
            return "Searching …".to_owned();
        }
        let (none, one, many) = self.scope.words();
        self.result.with(|result| match result {
            None => String::new(),
            Some((_, Err(sentence))) => sentence.clone(),
            Some((search, Ok(choices))) => match choices.len() {
                0 => format!("{none} matches “{search}”."),
                1 => format!("1 {one} found."),
                number => format!("{number} {many} found."),
            },
        })
    }

    /// Moves the highlight to the next enabled choice, from the last to the first and back.
    fn step(self, forward: bool) {
        let (active, choices) = (self.active.get_untracked(), self.choices());
        let enabled: Vec<_> = (0..choices.len()).filter(|&index| !choices[index].is_disabled).collect();
        let mut indexes = enabled.iter().copied();
        let next = if forward {
            indexes.find(|&index| Some(index) > active).or(enabled.first().copied())
        } else {
            indexes.rfind(|&index| active.is_none_or(|active| index < active)).or(enabled.last().copied())
        };
        self.active.set(next);
        self.open.set(true);
    }

    pub fn clear(self) {
        self.reset("");
    }

    /// Replaces the text and searches for it.
    pub fn reset(self, text: &str) {
        self.show(text);
        self.typed.set(text.to_owned());
        self.close();
    }

    /// Replaces the text without a search.
    pub fn fill(self, text: &str) {
        self.show(text);
        text.clone_into(&mut self.typed.write_untracked());
        self.close();
    }

    fn show(self, text: &str) {
        if let Some(field) = self.field.get_untracked() {
            field.set_value(text);
        }
    }

    pub fn close(self) {
        self.open.set(false);
        self.active.set(None);
    }

    fn is_open(self) -> bool {
        self.open.get() && !self.choices().is_empty()
    }
}

/// The field and its list. `pick` receives the choice. Without a highlighted choice, Enter submits the form around it.
/// `is_labelled`: the page has a label for the field, which has the id `{list}-field`.
#[component]
pub fn Combobox(
    finder: Finder,
    list: &'static str,
    label: &'static str,
    name: Option<&'static str>,
    pick: Callback<Choice>,
    #[prop(optional)] is_labelled: bool,
) -> impl IntoView {
    let closes_first = finder.scope != Scope::Everything;
    let list_label = match finder.scope {
        Scope::Workspaces => "Workspaces found",
        Scope::Groups => "Groups found",
        Scope::Kind(_) | Scope::Everything => "Results",
    };
    let own_label = (!is_labelled)
        .then(|| view! { <label class="visually-hidden" for=format!("{list}-field")>{label}</label> });
    let on_key = move |event: leptos::ev::KeyboardEvent| match event.key().as_str() {
        _ if is_composing(&event) => {}
        key @ ("ArrowDown" | "ArrowUp") => {
            event.prevent_default();
            finder.step(key == "ArrowDown");
        }
        // The first press closes the list and the second clears the field. In the palette, the dialog closes instead.
        "Escape" if closes_first => {
            event.prevent_default();
            if finder.is_open() { finder.close() } else { finder.clear() }
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
    let rows = move || {
        let choices = finder.choices().into_iter().enumerate();
        choices.map(|(index, choice)| row(finder, list, index, choice, pick)).collect_view()
    };
    view! {
        <div class="combobox">
            {own_label}
            <input
                id=format!("{list}-field")
                name=name
                // A search field has another role.
                type="text"
                role="combobox"
                enterkeyhint="search"
                autocomplete="off"
                placeholder=label
                aria-autocomplete="list"
                aria-controls=list
                aria-expanded=move || finder.is_open().to_string()
                aria-activedescendant=move || finder.active.get().map(|index| format!("{list}-{index}"))
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
                aria-label=list_label
                aria-busy=move || finder.busy.get().to_string()
                hidden=move || !finder.is_open()
            >
                {rows}
            </ul>
            // The list shows a number of results better than words, which would move what is below the field.
            <p
                class="combobox__status"
                class:visually-hidden=move || finder.is_open() || finder.status().is_empty()
                role="status"
            >
                {move || finder.status()}
            </p>
        </div>
    }
}

fn row(
    finder: Finder,
    list: &'static str,
    index: usize,
    choice: Choice,
    pick: Callback<Choice>,
) -> impl IntoView {
    let Choice { name, detail, tag, is_disabled, .. } = choice.clone();
    view! {
        <li
            id=format!("{list}-{index}")
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
    use serde_json::{Value, to_value};

    use super::*;
    use crate::kernel::id::{GroupId, WorkspaceId};
    use crate::resources::enrollments::model::{Candidate, GroupCandidate};
    use crate::ui::search::queries::NavTarget;

    impl Members for Value {
        fn text(&self, member: &str) -> Option<String> {
            self[member].as_str().map(str::to_owned)
        }

        fn boolean(&self, member: &str) -> Option<bool> {
            self[member].as_bool()
        }
    }

    #[test]
    fn members_are_those_of_the_server_functions() {
        let candidate = Candidate {
            workspace: WorkspaceId::new(uuid::Uuid::nil()),
            name: "Acme".to_owned(),
            external_workspace_id: Some("ws-1".to_owned()),
            enrolled: true,
        };
        let choice = Choice::workspace(&to_value(candidate).unwrap()).unwrap();
        assert_eq!((choice.value, choice.name), (uuid::Uuid::nil().to_string(), "Acme".to_owned()));
        assert_eq!((choice.detail.as_deref(), choice.is_disabled), (Some("ws-1"), true));
        let group = GroupCandidate {
            group: GroupId::new(uuid::Uuid::nil()),
            name: "EMEA".to_owned(),
            enrolled: false,
        };
        let choice = Choice::group(&to_value(group).unwrap()).unwrap();
        assert_eq!((choice.value, choice.name), (uuid::Uuid::nil().to_string(), "EMEA".to_owned()));
        assert!(!choice.is_disabled);
        let target = NavTarget {
            path: "/groups".to_owned(),
            kind: "Page".to_owned(),
            name: "Groups".to_owned(),
            detail: Some("detail".to_owned()),
            place: Some("in EMEA".to_owned()),
            is_removed: false,
            is_exact: false,
        };
        let choice = Choice::target(&to_value(target).unwrap()).unwrap();
        assert_eq!((choice.value, choice.name), ("/groups".to_owned(), "Groups".to_owned()));
        assert_eq!((choice.detail.as_deref(), choice.tag.as_deref()), (Some("detail"), Some("Page in EMEA")));
    }
}
