//! `/people/{id}/edit`

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::text::isolated;
use crate::resources::people::model::Person;
use crate::resources::people::rules::confirmation;
use crate::ui::components::{FormButtons, FormPage, PostForm, crumb, page_with_id};
use crate::ui::paths;
use crate::ui::people::actions::PersonUpdate;
use crate::ui::people::components::PersonFields;
use crate::ui::people::queries;

#[component]
pub fn PersonEditPage() -> impl IntoView {
    page_with_id(async |id| {
        let person = queries::person(id).await?.person;
        Ok(view! { <Edit person /> })
    })
}

#[component]
fn Edit(person: Person) -> impl IntoView {
    let (id, name) = (person.id, confirmation(&person));
    let title = format!("Edit {}", isolated(&name));
    let crumbs = vec![crumb(paths::PEOPLE, "People"), crumb(paths::person(id), name)];
    view! {
        <FormPage title crumbs may="edit people">
            <PostForm action=PersonUpdate::url() hidden=vec![("person", id.to_string())]>
                <PersonFields person />
                <FormButtons submit="Save" cancel=paths::person(id) />
            </PostForm>
        </FormPage>
    }
}
