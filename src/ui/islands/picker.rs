//! Finding workspaces while typing.

use gloo_timers::future::TimeoutFuture;
use leptos::html::{Form, Input};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::id::GroupId;
use crate::resources::enrollments::model::Candidate;
use crate::ui::actions::enrollments::{EnrollmentEnroll, candidates_read};
use crate::ui::paths;
use crate::ui::trouble::Trouble;

/// In milliseconds: long enough to type on, short enough not to be noticed.
const TYPING_PAUSE: u32 = 120;

/// What the search came to; the text it was for, so that a late answer is not shown.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    search: String,
    outcome: Result<Vec<Candidate>, Trouble>,
}

/// A list that follows what is typed. The keys are those of a combobox (WAI-ARIA Authoring
/// Practices, "Combobox Pattern").
#[derive(Clone, Copy)]
struct Finder {
    typed: RwSignal<String>,
    found: RwSignal<Option<Found>>,
    /// The highlighted row.
    active: RwSignal<Option<usize>>,
    open: RwSignal<bool>,
    /// What it holds is the field's own: a text typed before this code ran must not be overwritten.
    field: NodeRef<Input>,
}

impl Finder {
    fn new(group: Option<GroupId>, typed: String) -> Self {
        let finder = Self {
            typed: RwSignal::new(typed.clone()),
            found: RwSignal::new(None),
            active: RwSignal::new(None),
            open: RwSignal::new(false),
            field: NodeRef::new(),
        };
        // Only what is typed after the page is there is searched for: the server has answered what
        // was typed before.
        Effect::watch(
            move || finder.typed.get(),
            move |search, _, _| finder.search(group, search.trim().to_owned()),
            false,
        );
        // After the watch above, which has to be there to see it.
        Effect::new(move |_| {
            if let Some(text) = finder.field.get().map(|field| field.value())
                && text != typed
            {
                finder.typed.set(text);
            }
        });
        finder
    }

    fn search(self, group: Option<GroupId>, search: String) {
        self.active.set(None);
        if search.is_empty() {
            self.found.set(None);
            return;
        }
        leptos::task::spawn_local(async move {
            TimeoutFuture::new(TYPING_PAUSE).await;
            if self.typed.with_untracked(|typed| typed.trim() != search) {
                return;
            }
            let outcome = candidates_read(group, search.clone()).await;
            if self.typed.with_untracked(|typed| typed.trim() == search) {
                self.found.set(Some(Found { search, outcome }));
                self.open.set(true);
            }
        });
    }

    fn candidates(self) -> Vec<Candidate> {
        self.found.with(|found| match found {
            Some(Found { outcome: Ok(candidates), .. }) => candidates.clone(),
            Some(Found { outcome: Err(_), .. }) | None => Vec::new(),
        })
    }

    /// What to say about the search to those who do not see the list.
    fn status(self) -> String {
        self.found.with(|found| match found {
            None => String::new(),
            Some(Found { outcome: Err(trouble), .. }) => trouble.sentence.clone(),
            Some(Found { search, outcome: Ok(candidates) }) => match candidates.len() {
                0 => format!("No workspace matches “{search}”."),
                1 => "One workspace found.".to_owned(),
                number => format!("{number} workspaces found."),
            },
        })
    }

    /// Moves the highlight over what can be picked, around the ends.
    fn step(self, forward: bool) {
        let candidates = self.candidates();
        let length = candidates.len();
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
            .find(|&index| !candidates[index].enrolled);
        self.active.set(next);
        self.open.set(true);
    }

    /// Empties the field.
    fn clear(self) {
        if let Some(field) = self.field.get_untracked() {
            field.set_value("");
        }
        self.typed.set(String::new());
        self.close();
    }

    fn close(self) {
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
fn Combobox(
    finder: Finder,
    list: &'static str,
    label: &'static str,
    name: Option<&'static str>,
    pick: Callback<Candidate>,
) -> impl IntoView {
    let is_open = move || finder.open.get() && !finder.candidates().is_empty();
    let on_key = move |event: leptos::ev::KeyboardEvent| match event.key().as_str() {
        "ArrowDown" => {
            event.prevent_default();
            finder.step(true);
        }
        "ArrowUp" => {
            event.prevent_default();
            finder.step(false);
        }
        // Closes the list first; pressed again, it empties the field, as browsers have it.
        "Escape" if is_open() => {
            event.prevent_default();
            finder.close();
        }
        "Enter" => {
            let chosen =
                finder.active.get_untracked().and_then(|index| finder.candidates().into_iter().nth(index));
            if let Some(candidate) = chosen {
                event.prevent_default();
                pick.run(candidate);
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
                type="search"
                role="combobox"
                autocomplete="off"
                placeholder="Search by name or external id"
                aria-autocomplete="list"
                aria-controls=list
                aria-expanded=move || is_open().to_string()
                aria-activedescendant=move || finder.active.get().map(|index| option_id(list, index))
                node_ref=finder.field
                value=finder.typed.get_untracked()
                on:input=move |event| finder.typed.set(event_target_value(&event))
                on:keydown=on_key
                on:focus=move |_| finder.open.set(true)
                on:blur=move |_| finder.close()
            />
            <ul class="combobox__list" id=list role="listbox" aria-label="Workspaces found" hidden=move || !is_open()>
                {move || {
                    finder
                        .candidates()
                        .into_iter()
                        .enumerate()
                        .map(|(index, candidate)| view! { <Row finder list index candidate pick /> })
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
    candidate: Candidate,
    pick: Callback<Candidate>,
) -> impl IntoView {
    let enrolled = candidate.enrolled;
    let (name, external) = (candidate.name.clone(), candidate.external_workspace_id.clone());
    view! {
        <li
            id=option_id(list, index)
            role="option"
            aria-selected=move || (finder.active.get() == Some(index)).to_string()
            aria-disabled=enrolled.then_some("true")
            // Before the field loses the focus, which closes the list.
            on:mousedown=move |event| {
                event.prevent_default();
                if !enrolled {
                    pick.run(candidate.clone());
                }
            }
        >
            <span class="name">{name}</span>
            {external.map(|id| view! { <code class="muted">{id}</code> })}
            {enrolled.then(|| view! { <span class="tag">"already in"</span> })}
        </li>
    }
}

/// Picks one workspace and enrolls it.
///
/// Why this cannot be a form alone: of thousands of workspaces the right one is found while typing,
/// and which are in already shows before anything is sent. Without JavaScript it is a search form
/// whose results the page shows.
#[island]
pub fn WorkspacePicker(group: GroupId, find: String) -> impl IntoView {
    let finder = Finder::new(Some(group), find);
    let form = NodeRef::<Form>::new();
    let (chosen, form_at) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let pick = Callback::new(move |candidate: Candidate| {
        finder.close();
        let nodes = (form.get_untracked(), chosen.get_untracked(), form_at.get_untracked());
        if let (Some(form), Some(chosen), Some(form_at)) = nodes {
            chosen.set_value(&candidate.workspace.to_string());
            // If it is refused, the search stands there again.
            form_at.set_value(&finder.typed.with_untracked(|typed| paths::group_search(group, typed.trim())));
            // Refused only where a page's own script is not allowed to send forms.
            let _ = form.submit();
        }
    });
    view! {
        <form class="search" method="get" action=paths::group(group)>
            <Combobox finder list="enroll-list" label="Search workspaces by name or external id" name=Some("find") pick />
            <button class="button">"Search"</button>
        </form>
        // Sent as a plain form: the answer is the page with its message, with and without JavaScript.
        <form node_ref=form method="post" action=EnrollmentEnroll::url() hidden>
            <input type="hidden" name="group" value=group.to_string() />
            <input type="hidden" name="workspace" node_ref=chosen />
            <input type="hidden" name="form_at" node_ref=form_at />
            <input type="hidden" name="back" value=paths::group(group) />
        </form>
    }
}

/// Picks the first workspaces of a new group, as many as one likes, into the form around it.
///
/// Why this cannot be a form alone: as above. Without JavaScript ids are pasted below.
#[island]
pub fn InitialWorkspaces() -> impl IntoView {
    let finder = Finder::new(None, String::new());
    let picked = RwSignal::new(Vec::<Candidate>::new());
    let pick = Callback::new(move |candidate: Candidate| {
        picked.update(|picked| {
            if picked.iter().all(|one| one.workspace != candidate.workspace) {
                picked.push(candidate);
            }
        });
        finder.clear();
    });
    let drop_one = move |workspace| picked.update(|picked| picked.retain(|one| one.workspace != workspace));
    view! {
        <Combobox finder list="initial-list" label="Search workspaces by name or external id" name=None pick />
        <ul class="chips" aria-label="Picked workspaces" hidden=move || picked.read().is_empty()>
            <For each=move || picked.get() key=|one| one.workspace let:one>
                <li class="chip">
                    <input type="hidden" name="picked[]" value=one.workspace.to_string() />
                    {one.name.clone()}
                    <button type="button" aria-label=format!("Leave out {}", one.name) on:click=move |_| drop_one(one.workspace)>
                        "×"
                    </button>
                </li>
            </For>
        </ul>
    }
}
