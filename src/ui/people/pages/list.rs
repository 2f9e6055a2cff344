//! `/people`

use leptos::prelude::*;

use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::resources::people::model::Person;
use crate::resources::people::rules::confirmation;
use crate::ui::components::{Empty, Live, Moment, Page, SortHeader, Toolbar, load_page, paged_list};
use crate::ui::pagination::ListPage;
use crate::ui::paths;
use crate::ui::people::queries::people;
use crate::ui::viewer::Viewer;

#[component]
pub fn PeoplePage() -> impl IntoView {
    let viewer = Viewer::current();
    load_page(async move {
        let parameter = |name: &str| viewer.query(name).unwrap_or_default();
        let page = people(&parameter("q"), &parameter("sort")).await?;
        Ok(view! { <People page /> })
    })
}

#[component]
fn People(page: ListPage<Person>) -> impl IntoView {
    let viewer = Viewer::current();
    view! {
        <Page title="People">
            <div class="heading">
                <h1>"People"</h1>
                {viewer
                    .may_write()
                    .then(|| view! { <a class="button button--primary" href=paths::NEW_PERSON>"New person"</a> })}
            </div>
            <Toolbar action=paths::PEOPLE placeholder="Search people by name or e-mail" fields=&["q"] />
            {paged_list(
                "people",
                page,
                || view! { <NoPeople search=viewer.query("q").unwrap_or_default() /> }.into_any(),
                |people| view! { <PeopleTable people /> }.into_any(),
            )}
            <Live topics=vec![Topic::PEOPLE] />
        </Page>
    }
}

#[component]
fn NoPeople(search: String) -> impl IntoView {
    if search.is_empty() {
        view! { <Empty title="No people yet">"They come from the platform, or an admin adds them here."</Empty> }
            .into_any()
    } else {
        view! { <Empty title="No such person">{format!("Nothing matches “{}”.", isolated(&search))}</Empty> }
            .into_any()
    }
}

#[component]
fn PeopleTable(people: Vec<Person>) -> impl IntoView {
    view! {
        <table class="table">
            <caption class="visually-hidden">"People"</caption>
            <thead>
                <tr>
                    <SortHeader word="last_name" text="Name" default="last_name" />
                    <th scope="col">"E-mail address"</th>
                    <SortHeader word="created_at" text="Created" default="last_name" last_first=true />
                </tr>
            </thead>
            <tbody>{people.into_iter().map(|person| view! { <PersonRow person /> }).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn PersonRow(person: Person) -> impl IntoView {
    let name = confirmation(&person);
    view! {
        <tr id=format!("person-{}", person.id)>
            <th scope="row"><a class="name" href=paths::person(person.id) dir="auto">{name}</a></th>
            <td data-label="E-mail address">
                {match person.email {
                    Some(email) => view! { {email} }.into_any(),
                    None => view! { <span class="muted">"none"</span> }.into_any(),
                }}
            </td>
            <td data-label="Created"><Moment at=person.created_at /></td>
        </tr>
    }
}
