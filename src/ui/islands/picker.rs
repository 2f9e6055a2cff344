//! Finding workspaces while typing.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlFormElement;

use super::combobox::{Among, Choice, Combobox, Finder};
use super::dom::field;
use crate::ui::paths;

/// The id of the form that enrolls a workspace in the group that the page shows.
pub const ENROLL: &str = "enroll-form";

/// What was searched for, provided while the page is made. A browser finds it in the field.
#[derive(Clone)]
pub struct Searched(pub String);

/// The field of the search for one workspace, which is enrolled when it is picked.
///
/// Why this cannot be a form alone: of thousands of workspaces the right one is found while typing,
/// and which are in already shows before anything is sent. Without JavaScript it is a field of a search form
/// whose results the page shows.
#[island]
pub fn WorkspacePicker() -> impl IntoView {
    let searched = use_context::<Searched>().map(|Searched(text)| text).unwrap_or_default();
    let finder = Finder::new(Among::Workspaces, searched);
    let pick = Callback::new(move |choice: Choice| {
        finder.close();
        finder.is_sent.set(true);
        finder.typed.with_untracked(|typed| enroll(&choice.value, typed.trim()));
    });
    view! { <Combobox finder list="enroll-list" label="Search workspaces by name or external id" name=Some("find") pick /> }
}

/// Sends the plain form: the answer is the page with its message, with and without JavaScript.
fn enroll(workspace: &str, search: &str) {
    let form = document().get_element_by_id(ENROLL).and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    let fields = (field(ENROLL, "workspace"), field(ENROLL, "form_at"), field(ENROLL, "back"));
    if let (Some(form), (Some(chosen), Some(form_at), Some(group))) = (form, fields) {
        chosen.set_value(workspace);
        // The page that shows a refusal shows the search, too.
        form_at.set_value(&paths::group_search(&group.value(), search));
        // Refused only where a page's own script is not allowed to send forms.
        let _ = form.submit();
    }
}

/// Picks the first workspaces of a new group, as many as one likes, into the form around it.
///
/// Why this cannot be a form alone: as above. Without JavaScript ids are pasted below.
#[island]
pub fn InitialWorkspaces() -> impl IntoView {
    let finder = Finder::new(Among::Workspaces, String::new());
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
                            <bdi>{one.name}</bdi>
                            <button type="button" aria-label=label on:click=move |_| drop_one(&one.value)>"×"</button>
                        </li>
                    }
                };
                picked.get().into_iter().map(chip).collect_view()
            }}
        </ul>
    }
}
