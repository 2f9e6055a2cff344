//! `/enrollments/{id}/attribution`: changes the creator of an enrollment. An admin searches for a person or chooses
//! no one, and then confirms it.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::actor::PersonRef;
use crate::kernel::id::EnrollmentId;
use crate::kernel::text::isolated;
use crate::resources::people::model::Person;
use crate::ui::components::{
    ConfirmPage, FormButtons, NotFoundPage, PersonName, PostForm, crumb, page_with_id,
};
use crate::ui::enrollments::actions::AttributionCorrect;
use crate::ui::enrollments::components::enroll::search_results;
use crate::ui::enrollments::components::rows::Created;
use crate::ui::enrollments::queries::{creator, creator_candidates, enrollment_names};
use crate::ui::enrollments::view::NamedEnrollment;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

enum Step {
    /// `found` is `None` before a search.
    Search { find: String, found: Option<Vec<Person>> },
    /// `None`: no one.
    Confirm(Option<PersonRef>),
}

#[component]
pub fn CreatorPage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let enrollment = enrollment_names(id).await?;
        let step = match viewer.query("person").as_deref() {
            Some(paths::NO_ONE) => Step::Confirm(None),
            Some(person) => {
                let Ok(person) = person.parse() else { return Ok(view! { <NotFoundPage /> }.into_any()) };
                Step::Confirm(Some(creator(person).await?.reference()))
            }
            None => {
                let find = viewer.query("find").unwrap_or_default();
                Step::Search { found: creator_candidates(&find).await?, find }
            }
        };
        Ok(view! { <Attribution enrollment step /> }.into_any())
    })
}

#[component]
fn Attribution(enrollment: NamedEnrollment, step: Step) -> impl IntoView {
    let NamedEnrollment { item, group, workspace } = enrollment;
    let id = item.enrollment.id;
    let from = item.created_by.as_ref().map(Person::reference);
    view! {
        <ConfirmPage
            title=format!("Who enrolled {} in {}?", isolated(&workspace.name), isolated(&group.name))
            crumbs=vec![crumb(paths::group(group.id), group.name), crumb(paths::enrollment(id), workspace.name)]
            explanation="The history keeps both names and who changed them."
            may="change who enrolled a workspace"
            facts=view! { <Created item /> }.into_any()
        >
            {match step {
                Step::Search { find, found } => view! { <Search id find found has_creator=from.is_some() /> }.into_any(),
                Step::Confirm(to) => view! { <Confirm id from to /> }.into_any(),
            }}
        </ConfirmPage>
    }
}

#[component]
fn Search(id: EnrollmentId, find: String, found: Option<Vec<Person>>, has_creator: bool) -> impl IntoView {
    let results = found.map(|found| {
        let none = format!("No person matches “{}”.", isolated(&find));
        search_results("People found", none, found.into_iter().map(|person| choice(id, person)).collect())
    });
    view! {
        <form class="search" method="get" action=paths::enrollment_creator(id)>
            <label class="visually-hidden" for="find">"Search people by name or e-mail"</label>
            <input id="find" name="find" type="search" placeholder="Search people by name or e-mail" value=find />
            <button class="button">"Search"</button>
        </form>
        {results}
        <div class="actions">
            {has_creator.then(|| view! { <a class="button" href=paths::enrollment_creator_to(id, None)>"No one"</a> })}
            <a class="button button--quiet" href=paths::enrollment(id)>"Cancel"</a>
        </div>
    }
}

fn choice(id: EnrollmentId, person: Person) -> AnyView {
    let label = format!("Choose {}", person.display_name());
    let path = paths::enrollment_creator_to(id, Some(person.id));
    view! {
        <span>
            <PersonName person=Some(person.reference()) />
            {person.email.map(|email| view! { " " <span class="muted">{email}</span> })}
        </span>
        <a class="button button--small" href=path aria-label=label>"Choose"</a>
    }
    .into_any()
}

#[component]
fn Confirm(id: EnrollmentId, from: Option<PersonRef>, to: Option<PersonRef>) -> impl IntoView {
    let person = to.as_ref().map_or_else(|| paths::NO_ONE.to_owned(), |person| person.id.to_string());
    let hidden = vec![("enrollment", id.to_string()), ("person", person), ("back", paths::enrollment(id))];
    view! {
        <p>"Change the creator from " <PersonName person=from /> " to " <PersonName person=to /> "?"</p>
        <PostForm action=AttributionCorrect::url() class="actions" hidden>
            <FormButtons submit="Change creator" cancel=paths::enrollment_creator(id) cancel_text="Choose someone else" />
        </PostForm>
    }
}
