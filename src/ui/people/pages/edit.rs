//! `/people/new` and `/people/{id}/edit`

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::kernel::text::isolated;
use crate::resources::people::rules::confirmation;
use crate::ui::components::{FormButtons, FormPage, PostForm, crumb, page_with_id};
use crate::ui::paths;
use crate::ui::people::actions::{PersonCreate, PersonUpdate};
use crate::ui::people::components::PersonFields;
use crate::ui::people::queries;

#[component]
pub fn NewPersonPage() -> impl IntoView {
    view! {
        <FormPage title="New person" crumbs=vec![crumb(paths::PEOPLE, "People")] may="create people">
            <PostForm action=PersonCreate::url()>
                <PersonFields />
                <FormButtons submit="Create person" cancel=paths::PEOPLE />
            </PostForm>
        </FormPage>
    }
}

#[component]
pub fn PersonEditPage() -> impl IntoView {
    page_with_id(async |id| {
        let (person, _) = queries::person(id).await?;
        let name = confirmation(&person);
        let title = format!("Edit {}", isolated(&name));
        let crumbs = vec![crumb(paths::PEOPLE, "People"), crumb(paths::person(id), name)];
        Ok(view! {
            <FormPage title crumbs may="edit people">
                <PostForm action=PersonUpdate::url() hidden=vec![("person", id.to_string())]>
                    <PersonFields person />
                    <FormButtons submit="Save" cancel=paths::person(id) />
                </PostForm>
            </FormPage>
        })
    })
}
