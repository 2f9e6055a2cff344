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
use crate::ui::enrollments::components::enroll::{SearchForm, search_results};
use crate::ui::enrollments::components::rows::Created;
use crate::ui::enrollments::queries::{creator, creator_candidates, enrollment_names};
use crate::ui::enrollments::view::NamedEnrollment;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn CreatorPage() -> impl IntoView {
    let viewer = Viewer::current();
    page_with_id(async move |id| {
        let NamedEnrollment { item, group, workspace } = enrollment_names(id).await?;
        let from = item.created_by.as_ref().map(Person::reference);
        let step = match viewer.query("person").as_deref() {
            Some(paths::NO_ONE) => view! { <Confirm id from to=None /> }.into_any(),
            Some(person) => {
                let Ok(person) = person.parse() else { return Ok(view! { <NotFoundPage /> }.into_any()) };
                let to = Some(creator(person).await?.reference());
                view! { <Confirm id from to /> }.into_any()
            }
            None => {
                let find = viewer.query("find").unwrap_or_default();
                let found = creator_candidates(&find).await?;
                view! { <Search id find found has_creator=from.is_some() /> }.into_any()
            }
        };
        let view = view! {
            <ConfirmPage
                title=format!("Who enrolled {} in {}?", isolated(&workspace.name), isolated(&group.name))
                crumbs=vec![
                    crumb(paths::group(group.id), group.name),
                    crumb(paths::enrollment(id), workspace.name),
                ]
                explanation="The history keeps both names and who changed them."
                may="change who enrolled a workspace"
                facts=view! { <Created item /> }.into_any()
            >
                {step}
            </ConfirmPage>
        };
        Ok(view.into_any())
    })
}

/// `found` is `None` before a search.
#[component]
fn Search(id: EnrollmentId, find: String, found: Option<Vec<Person>>, has_creator: bool) -> impl IntoView {
    let results = search_results("person", "People found", &find, found, |person| choice(id, person));
    view! {
        <SearchForm action=paths::attribution(id) text="Search people by name or e-mail" find />
        {results}
        <div class="actions">
            {has_creator.then(|| view! { <a class="button" href=paths::attribution_to(id, None)>"No one"</a> })}
            <a class="button button--quiet" href=paths::enrollment(id)>"Cancel"</a>
        </div>
    }
}

fn choice(id: EnrollmentId, person: Person) -> impl IntoView {
    let label = format!("Choose {}", person.display_name());
    let path = paths::attribution_to(id, Some(person.id));
    view! {
        <span>
            <PersonName person=Some(person.reference()) />
            {person.email.map(|email| view! { " " <span class="muted">{email}</span> })}
        </span>
        <a class="button button--small" href=path aria-label=label>"Choose"</a>
    }
}

/// `None`: no one.
#[component]
fn Confirm(id: EnrollmentId, from: Option<PersonRef>, to: Option<PersonRef>) -> impl IntoView {
    let person = to.as_ref().map_or_else(|| paths::NO_ONE.to_owned(), |person| person.id.to_string());
    let hidden = vec![("enrollment", id.to_string()), ("person", person), ("back", paths::enrollment(id))];
    view! {
        <p>"Change the creator from " <PersonName person=from /> " to " <PersonName person=to /> "?"</p>
        <PostForm action=AttributionCorrect::url() class="actions" hidden>
            <FormButtons submit="Change creator" cancel=paths::attribution(id) cancel_text="Choose someone else" />
        </PostForm>
    }
}
