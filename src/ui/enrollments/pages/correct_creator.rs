//! `/enrollments/{id}/attribution`: in whose name an enrollment is to stand. Somebody is searched for, or
//! nobody chosen, and then confirmed.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::actor::PersonRef;
use crate::kernel::id::EnrollmentId;
use crate::kernel::text::isolated;
use crate::resources::people::model::Person;
use crate::ui::components::entity_links::PersonName;
use crate::ui::components::form_key::FormKey;
use crate::ui::components::moment::Moment;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Forbidden, Page};
use crate::ui::enrollments::actions::{RemovalPreview, removal_preview_read};
use crate::ui::enrollments::queries::AttributionCorrect;
use crate::ui::error::UiError;
use crate::ui::paths;
use crate::ui::people::queries::{people, person as person_details};
use crate::ui::viewer::Viewer;

/// How many people a search offers.
const OFFERED: usize = 8;

/// How far one is.
enum Step {
    Search {
        find: String,
        found: Option<Vec<Person>>,
    },
    /// `None`: nobody.
    Confirm(Option<PersonRef>),
}

#[component]
pub fn AttributionPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let Ok(id) = id.parse::<EnrollmentId>() else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let viewer = Viewer::current();
    let page = async move {
        match load(id, viewer).await {
            Ok(view) => view,
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

async fn load(id: EnrollmentId, viewer: Viewer) -> Result<AnyView, UiError> {
    let preview = removal_preview_read(id).await?;
    let step = match viewer.query("person").as_deref() {
        Some(paths::NO_ONE) => Step::Confirm(None),
        Some(person) => {
            let Ok(person) = person.parse() else { return Ok(view! { <NotFoundPage /> }.into_any()) };
            Step::Confirm(Some(person_details(person).await?.person.reference()))
        }
        None => {
            let find = viewer.query("find").unwrap_or_default();
            let found = if find.trim().is_empty() {
                None
            } else {
                let found = people(&find, "").await?;
                Some(found.items.into_iter().take(OFFERED).collect())
            };
            Step::Search { find, found }
        }
    };
    Ok(view! { <Attribution preview step may_write=viewer.may_write() /> }.into_any())
}

#[component]
fn Attribution(preview: RemovalPreview, step: Step, may_write: bool) -> impl IntoView {
    let id = preview.enrollment;
    let title =
        format!("Who enrolled {} in {}?", isolated(&preview.workspace_name), isolated(&preview.group_name));
    let by = preview.enrolled_by.clone();
    view! {
        <Page title=title.clone() narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::group(preview.group)>{preview.group_name}</a>
                <a href=paths::enrollment(id)>{preview.workspace_name}</a>
            </nav>
            <div class="card stack">
                <h1>{title}</h1>
                <dl class="facts">
                    <dt>"Enrolled by"</dt>
                    <dd><PersonName person=by.clone() /></dd>
                    <dt>"Enrolled"</dt>
                    <dd><Moment at=preview.enrolled_at /></dd>
                </dl>
                {match (may_write, step) {
                    (false, _) => {
                        view! { <Forbidden text="Only admins may say in whose name an enrollment stands." /> }.into_any()
                    }
                    (true, Step::Search { find, found }) => view! { <Search id find found has_name=by.is_some() /> }.into_any(),
                    (true, Step::Confirm(to)) => view! { <Confirm id from=by to /> }.into_any(),
                }}
            </div>
        </Page>
    }
}

#[component]
fn Search(id: EnrollmentId, find: String, found: Option<Vec<Person>>, has_name: bool) -> impl IntoView {
    view! {
        <p>"Choose who really did. The history keeps that it was corrected, and by whom."</p>
        <form class="search" method="get" action=paths::attribution(id)>
            <label class="visually-hidden" for="find">"Search people by name or e-mail"</label>
            <input id="find" name="find" type="search" placeholder="Search people by name or e-mail" value=find.clone() />
            <button class="button">"Search"</button>
        </form>
        {found.map(|found| view! { <Found id find found /> })}
        <div class="actions">
            {has_name.then(|| view! { <a class="button" href=paths::attribution_to(id, None)>"No one"</a> })}
            <a class="button button--quiet" href=paths::enrollment(id)>"Leave it"</a>
        </div>
    }
}

#[component]
fn Found(id: EnrollmentId, find: String, found: Vec<Person>) -> impl IntoView {
    if found.is_empty() {
        return view! { <p class="muted" role="status">{format!("No person matches “{}”.", isolated(&find))}</p> }
            .into_any();
    }
    view! {
        <ul class="results" aria-label="People found">
            {found
                .into_iter()
                .map(|person| {
                    let label = format!("Choose {}", person.display_name());
                    view! {
                        <li class="results__row">
                            <span>
                                <PersonName person=Some(person.reference()) />
                                {person.email.map(|email| view! { " " <span class="muted">{email}</span> })}
                            </span>
                            <a class="button button--small" href=paths::attribution_to(id, Some(person.id)) aria-label=label>
                                "Choose"
                            </a>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
    .into_any()
}

#[component]
fn Confirm(id: EnrollmentId, from: Option<PersonRef>, to: Option<PersonRef>) -> impl IntoView {
    let correct = ServerAction::<AttributionCorrect>::new();
    let value = to.as_ref().map_or_else(|| paths::NO_ONE.to_owned(), |person| person.id.to_string());
    view! {
        <p>
            "From now on it says that " <PersonName person=to /> " enrolled it, and not " <PersonName person=from />
            ". The history keeps both, and that you corrected it."
        </p>
        <ActionForm action=correct attr:class="actions">
            <FormKey />
            <input type="hidden" name="enrollment" value=id.to_string() />
            <input type="hidden" name="person" value=value />
            <input type="hidden" name="form_at" value=Viewer::current().here />
            <input type="hidden" name="back" value=paths::enrollment(id) />
            <button class="button button--primary">"Correct it"</button>
            <a class="button button--quiet" href=paths::attribution(id)>"Choose somebody else"</a>
        </ActionForm>
    }
}
