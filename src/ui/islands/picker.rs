//! Finding workspaces while typing.

use leptos::html::{Form, Input};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::combobox::{Among, Choice, Combobox, Finder};
use crate::kernel::id::GroupId;
use crate::ui::actions::enrollments::EnrollmentEnroll;
use crate::ui::paths;

/// Picks one workspace and enrolls it.
///
/// Why this cannot be a form alone: of thousands of workspaces the right one is found while typing,
/// and which are in already shows before anything is sent. Without JavaScript it is a search form
/// whose results the page shows.
#[island]
pub fn WorkspacePicker(group: GroupId, find: String) -> impl IntoView {
    let finder = Finder::new(Among::Workspaces(Some(group)), find);
    let form = NodeRef::<Form>::new();
    let (chosen, form_at) = (NodeRef::<Input>::new(), NodeRef::<Input>::new());
    let pick = Callback::new(move |choice: Choice| {
        finder.close();
        let nodes = (form.get_untracked(), chosen.get_untracked(), form_at.get_untracked());
        if let (Some(form), Some(chosen), Some(form_at)) = nodes {
            chosen.set_value(&choice.value);
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
    let finder = Finder::new(Among::Workspaces(None), String::new());
    let picked = RwSignal::new(Vec::<Choice>::new());
    let pick = Callback::new(move |choice: Choice| {
        picked.update(|picked| {
            if picked.iter().all(|one| one.value != choice.value) {
                picked.push(choice);
            }
        });
        finder.clear();
    });
    let drop_one = move |value: &str| picked.update(|picked| picked.retain(|one| one.value != value));
    view! {
        <Combobox finder list="initial-list" label="Search workspaces by name or external id" name=None pick />
        <ul class="chips" aria-label="Picked workspaces" hidden=move || picked.read().is_empty()>
            // A handful: made anew at each change, for which `For` and what it keeps would be too much code.
            {move || {
                let chip = |one: Choice| {
                    let label = format!("Leave out {}", one.name);
                    view! {
                        <li class="chip">
                            <input type="hidden" name="picked[]" value=one.value.clone() />
                            {one.name}
                            <button type="button" aria-label=label on:click=move |_| drop_one(&one.value)>"×"</button>
                        </li>
                    }
                };
                picked.get().into_iter().map(chip).collect_view()
            }}
        </ul>
    }
}
