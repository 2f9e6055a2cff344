//! Searches for workspaces, groups and people while the user types.

use leptos::prelude::*;
use leptos::web_sys::{HtmlFormElement, HtmlInputElement};

use super::combobox::{Choice, Combobox, Finder, Scope};
use super::dom::first;
use crate::ui::paths;

pub const ENROLL_FORM: &str = "enroll-form";

/// The text of a search, which the server provides as a context. In the browser it is in the field.
#[derive(Clone)]
pub struct SearchText(pub String);

/// The search field of the enroll box. Choosing a workspace enrolls it. A form is not enough, because the list follows
/// what is typed. Without JavaScript it is the field of a search form.
#[island]
pub fn WorkspacePicker() -> impl IntoView {
    let searched = use_context::<SearchText>().map(|SearchText(text)| text).unwrap_or_default();
    let finder = Finder::new(Scope::Workspaces, searched);
    let pick = Callback::new(move |choice: Choice| {
        finder.close();
        finder.is_sent.set(true);
        finder.typed.with_untracked(|typed| enroll("workspace", &choice.value, typed.trim()));
    });
    view! { <Combobox finder list="enroll-list" label="Search workspaces by name or external id" name=Some("find") pick /> }
}

/// The same for the groups that a workspace is enrolled in.
#[island]
pub fn GroupPicker() -> impl IntoView {
    let searched = use_context::<SearchText>().map(|SearchText(text)| text).unwrap_or_default();
    let finder = Finder::new(Scope::Groups, searched);
    let pick = Callback::new(move |choice: Choice| {
        finder.close();
        finder.is_sent.set(true);
        finder.typed.with_untracked(|typed| enroll("group", &choice.value, typed.trim()));
    });
    view! { <Combobox finder list="enroll-list" label="Search groups by name" name=Some("find") pick /> }
}

/// The filters of the audit pages. A form is not enough, because the list follows what is typed; without JavaScript the
/// next page asks which resource is meant. They are three islands, because an island with parameters would add a parser to
/// the WebAssembly.
#[island]
pub fn GroupFilter() -> impl IntoView {
    filter("Group", "filter-group", "Name of a group", ("find_group", "group"))
}

#[island]
pub fn WorkspaceFilter() -> impl IntoView {
    filter("Workspace", "filter-workspace", "Name or external id", ("find_workspace", "workspace"))
}

#[island]
pub fn PersonFilter() -> impl IntoView {
    filter("Person", "filter-person", "Name or e-mail address", ("find_person", "person"))
}

/// A field for a name (`find`), and a hidden one for the id of the choice. Typing again drops the choice.
fn filter(
    kind: &'static str,
    list: &'static str,
    placeholder: &'static str,
    (find, id): (&'static str, &'static str),
) -> impl IntoView {
    let searched = use_context::<SearchText>().map(|SearchText(text)| text).unwrap_or_default();
    let finder = Finder::new(Scope::Kind(kind), searched);
    let chosen = RwSignal::new(String::new());
    Effect::watch(move || finder.typed.get(), move |_, _, _| chosen.set(String::new()), false);
    let pick = Callback::new(move |choice: Choice| {
        finder.fill(&choice.name);
        // The last part of the path of its page.
        chosen.set(choice.value.rsplit('/').next().unwrap_or_default().to_owned());
    });
    view! {
        <Combobox finder list label=placeholder name=Some(find) pick is_labelled=true />
        <input type="hidden" name=id value=move || chosen.get() />
    }
}

/// Sends the same form as without JavaScript, so that the answer is a page with a message. `field`: the one of the two
/// that is chosen.
fn enroll(field: &str, id: &str, search: &str) {
    let form = first::<HtmlFormElement>(&format!("#{ENROLL_FORM}"));
    if let (Some(form), Some(chosen), Some(form_at), Some(back)) =
        (form, enroll_field(field), enroll_field("form_at"), enroll_field("back"))
    {
        chosen.set_value(id);
        // After a refusal the page shows the search again.
        form_at.set_value(&paths::search_at(&back.value(), search));
        // Fails only if the page is sandboxed.
        let _ = form.submit();
    }
}

pub fn enroll_field(name: &str) -> Option<HtmlInputElement> {
    first(&format!("#{ENROLL_FORM} [name={name}]"))
}

/// Adds workspaces to the form of a new group. A form is not enough, because the list follows what is typed. Without
/// JavaScript the user pastes ids.
#[island]
pub fn InitialWorkspaces() -> impl IntoView {
    let finder = Finder::new(Scope::Workspaces, String::new());
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
        <ul class="chips" aria-label="Selected workspaces" hidden=move || picked.read().is_empty()>
            // The few chips are rendered again at each change, because `For` would add more code than it saves work.
            {move || {
                let chip = |one: Choice| {
                    let label = format!("Remove {}", one.name);
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
