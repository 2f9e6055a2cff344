//! `/people/new`

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::ui::components::{FormButtons, FormPage, PostForm, crumb};
use crate::ui::paths;
use crate::ui::people::actions::PersonCreate;
use crate::ui::people::components::PersonFields;

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
