//! `/people/{id}/delete`: says what loses the person's name, and asks whether this one is meant.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::id::PersonId;
use crate::kernel::text::isolated;
use crate::resources::people::model::{Person, PersonTraces};
use crate::resources::people::rules::confirmation;
use crate::ui::components::field::FieldState;
use crate::ui::components::form_key::FormKey;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Forbidden, Page};
use crate::ui::locale::formats::Formats;
use crate::ui::paths;
use crate::ui::people::actions::{PersonDelete, PersonDetails, person_read};
use crate::ui::viewer::Viewer;

#[component]
pub fn PersonDeletionPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let Ok(id) = id.parse::<PersonId>() else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let page = async move {
        match person_read(id).await {
            Ok(PersonDetails { person, traces }) => view! { <Confirm person traces /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

#[component]
fn Confirm(person: Person, traces: PersonTraces) -> impl IntoView {
    let viewer = Viewer::current();
    let name = confirmation(&person);
    let title = format!("Delete {}?", isolated(&name));
    let is_own = viewer.operator.as_ref().is_some_and(|operator| operator.person.id == person.id);
    view! {
        <Page title=title.clone() narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::PEOPLE>"People"</a>
                <a href=paths::person(person.id)>{name.clone()}</a>
            </nav>
            <div class="card stack">
                <h1>{title}</h1>
                <p>"The person is deleted for good; this cannot be undone. No enrollment, group or log entry is lost: they stand in nobody's name from then on, and the logs keep the name as it was."</p>
                <Losses traces />
                {match (viewer.may_write(), is_own) {
                    (false, _) => view! { <Forbidden text="Only admins may delete people." /> }.into_any(),
                    (true, true) => {
                        view! {
                            <p class="message message--error">
                                "You are signed in as this person, so you cannot delete them. Another admin can."
                            </p>
                        }
                            .into_any()
                    }
                    (true, false) => view! { <DeleteForm id=person.id name /> }.into_any(),
                }}
            </div>
        </Page>
    }
}

/// How many of what lose their name, and what stops working.
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
            <dd>{told(traces.tokens.iter().map(|token| token.name.as_str()), "stop working", "none of this person works")}</dd>
            <dt>"Sign-in"</dt>
            <dd>{told(traces.accounts.iter().map(|account| account.email.as_str()), "can no longer sign in", "this person has no account here")}</dd>
        </dl>
    }
}

/// `robot, nightly: stop working`
fn told<'a>(names: impl Iterator<Item = &'a str>, what: &str, none: &str) -> String {
    let names: Vec<_> = names.map(isolated).collect();
    if names.is_empty() { none.to_owned() } else { format!("{}: {what}", names.join(", ")) }
}

#[component]
fn DeleteForm(id: PersonId, name: String) -> impl IntoView {
    let delete = ServerAction::<PersonDelete>::new();
    let viewer = Viewer::current();
    let typed = FieldState::of(&viewer, "name");
    let has_focus = viewer.first_faulty(&["name"]).is_some();
    view! {
        <ActionForm action=delete attr:class="stack">
            <FormKey />
            <input type="hidden" name="person" value=id.to_string() />
            <input type="hidden" name="form_at" value=paths::person_deletion(id) />
            <div class="field">
                <label for="name">"Type " <strong dir="auto">{name}</strong> " to confirm"</label>
                <input
                    id="name"
                    name="name"
                    required
                    autofocus=has_focus
                    autocomplete="off"
                    spellcheck="false"
                    value=viewer.typed("name")
                    aria-invalid=typed.invalid()
                    aria-describedby=typed.described_by()
                />
                {typed.fault()}
            </div>
            <div class="actions">
                <button class="button button--danger">"Delete person"</button>
                <a class="button button--quiet" href=paths::person(id)>"Keep them"</a>
            </div>
        </ActionForm>
    }
}
