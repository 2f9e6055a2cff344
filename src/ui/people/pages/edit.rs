//! `/people/{id}/edit`

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::id::PersonId;
use crate::kernel::text::isolated;
use crate::resources::people::model::Person;
use crate::resources::people::rules::confirmation;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Forbidden, Page};
use crate::ui::paths;
use crate::ui::people::actions::{PersonUpdate, person_read};
use crate::ui::people::components::PersonFields;
use crate::ui::viewer::Viewer;

#[component]
pub fn PersonEditPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let Ok(id) = id.parse::<PersonId>() else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let page = async move {
        match person_read(id).await {
            Ok(details) => view! { <Edit person=details.person /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

#[component]
fn Edit(person: Person) -> impl IntoView {
    let name = confirmation(&person);
    let title = format!("Edit {}", isolated(&name));
    view! {
        <Page title=title.clone() narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::PEOPLE>"People"</a>
                <a href=paths::person(person.id)>{name}</a>
            </nav>
            <h1>{title}</h1>
            {if Viewer::current().may_write() {
                view! { <Form person /> }.into_any()
            } else {
                view! { <Forbidden text="Only admins may edit people." /> }.into_any()
            }}
        </Page>
    }
}

#[component]
fn Form(person: Person) -> impl IntoView {
    let update = ServerAction::<PersonUpdate>::new();
    let id = person.id;
    view! {
        <ActionForm action=update attr:class="card stack">
            <input type="hidden" name="person" value=id.to_string() />
            <input type="hidden" name="form_at" value=paths::person_edit(id) />
            <PersonFields person />
            <div class="actions">
                <button class="button button--primary">"Save"</button>
                <a class="button button--quiet" href=paths::person(id)>"Cancel"</a>
            </div>
        </ActionForm>
    }
}
