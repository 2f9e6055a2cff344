//! `/people`

use leptos::prelude::*;

use crate::kernel::text::isolated;
use crate::kernel::topic::Topic;
use crate::resources::people::model::Person;
use crate::resources::people::rules::confirmation;
use crate::ui::components::{Column, DataTable, IndexPage, Moment, Toolbar, list_or_empty, load_page};
use crate::ui::paths;
use crate::ui::people::queries::people;
use crate::ui::viewer::Viewer;

#[component]
pub fn PeoplePage() -> impl IntoView {
    let viewer = Viewer::current();
    load_page(async move {
        let parameter = |name: &str| viewer.query(name).unwrap_or_default();
        let (search, sort) = (parameter("q"), parameter("sort"));
        let page = people(&search, &sort).await?;
        let empty = if search.is_empty() {
            ("No people yet", "They come from the platform, or an admin adds them here.".to_owned())
        } else {
            ("No such person", format!("Nothing matches “{}”.", isolated(&search)))
        };
        Ok(view! {
            <IndexPage title="People" new=(paths::NEW_PERSON, "New person") topics=vec![Topic::PEOPLE]>
                <Toolbar action=paths::PEOPLE placeholder="Search people by name or e-mail" fields=&["q"] />
                {list_or_empty("people", page, empty, table)}
            </IndexPage>
        })
    })
}

fn table(items: Vec<Person>) -> impl IntoView {
    let default = "last_name";
    let columns = vec![
        Column::name("Name", |person: &Person| {
            let name = confirmation(person);
            view! { <a class="name" href=paths::person(person.id) dir="auto">{name}</a> }
        })
        .sorted("last_name", default, false),
        Column::text("E-mail address", |person: &Person| match person.email.clone() {
            Some(email) => email.into_any(),
            None => view! { <span class="muted">"none"</span> }.into_any(),
        }),
        Column::text("Created", |person: &Person| view! { <Moment at=person.created_at /> }).sorted(
            "created_at",
            default,
            true,
        ),
    ];
    view! { <DataTable caption="People" columns items row_id=|person| format!("person-{}", person.id) /> }
}
