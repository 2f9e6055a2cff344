//! `/people/{id}/delete`: says what the deletion affects, and asks for the name to confirm it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::id::PersonId;
use crate::kernel::text::isolated;
use crate::resources::people::model::{Person, PersonTraces};
use crate::resources::people::rules::confirmation;
use crate::ui::components::{
    ConfirmPage, FormButtons, FormFields, PostForm, Refusal, TextField, crumb, page_with_id,
};
use crate::ui::locale::formats::Formats;
use crate::ui::messages::OWN_PERSON;
use crate::ui::paths;
use crate::ui::people::actions::PersonDelete;
use crate::ui::people::queries;
use crate::ui::people::view::PersonDetails;
use crate::ui::viewer::Viewer;

#[component]
pub fn PersonDeletionPage() -> impl IntoView {
    page_with_id(async |id| {
        let PersonDetails { person, traces } = queries::person(id).await?;
        Ok(view! { <Confirm person traces /> })
    })
}

#[component]
fn Confirm(person: Person, traces: PersonTraces) -> impl IntoView {
    let (id, name) = (person.id, confirmation(&person));
    let is_own = Viewer::current().operator.is_some_and(|operator| operator.person.id == id);
    view! {
        <ConfirmPage
            title=format!("Delete {}?", isolated(&name))
            crumbs=vec![crumb(paths::PEOPLE, "People"), crumb(paths::person(id), name.clone())]
            explanation="The person is deleted for good; this cannot be undone. No enrollment, group or log entry is lost: they stand in nobody's name from then on, and the logs keep the name as it was."
            may="delete people"
            facts=view! { <Losses traces /> }.into_any()
        >
            {if is_own {
                view! { <Refusal text=OWN_PERSON /> }.into_any()
            } else {
                view! { <DeleteForm id name /> }.into_any()
            }}
        </ConfirmPage>
    }
}

/// How many rows lose their creator, and what stops working.
#[component]
fn Losses(traces: PersonTraces) -> impl IntoView {
    let formats = Formats::current();
    let (live, removed) = (formats.number(traces.live), formats.number(traces.removed));
    let log = traces.events + traces.admin_events;
    view! {
        <dl class="facts">
            <dt>"Enrollments"</dt>
            <dd>
                {formats.count(traces.enrollments(), "loses its name", "lose their name")}
                {format!(" ({live} live, {removed} removed)")}
            </dd>
            <dt>"Groups"</dt>
            <dd>{formats.count(traces.groups, "loses its creator", "lose their creator")}</dd>
            <dt>"Log entries"</dt>
            <dd>{formats.count(log, "loses its link, and keeps the name", "lose their link, and keep the name")}</dd>
            <dt>"API tokens"</dt>
            <dd>{named(traces.tokens.iter().map(|token| token.name.as_str()), "stop working", "none of this person works")}</dd>
            <dt>"Sign-in"</dt>
            <dd>{named(traces.accounts.iter().map(|account| account.email.as_str()), "can no longer sign in", "this person has no account here")}</dd>
        </dl>
    }
}

/// `robot, nightly: stop working`
fn named<'a>(names: impl Iterator<Item = &'a str>, what: &str, none: &str) -> String {
    let names: Vec<_> = names.map(isolated).collect();
    if names.is_empty() { none.to_owned() } else { format!("{}: {what}", names.join(", ")) }
}

#[component]
fn DeleteForm(id: PersonId, name: String) -> impl IntoView {
    let form = FormFields::unfocused(&["name"]);
    view! {
        <PostForm action=PersonDelete::url() class="stack" hidden=vec![("person", id.to_string())]>
            <TextField form name="name" required=true autocomplete="off" no_spellcheck=true>
                "Type "
                <strong dir="auto">{name}</strong>
                " to confirm"
            </TextField>
            <FormButtons submit="Delete person" danger=true cancel=paths::person(id) cancel_text="Keep them" />
        </PostForm>
    }
}
