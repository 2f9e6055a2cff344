//! `/people/new`

use leptos::prelude::*;

use crate::ui::components::form_key::FormKey;
use crate::ui::components::page::{Forbidden, Page};
use crate::ui::paths;
use crate::ui::people::actions::PersonCreate;
use crate::ui::people::components::PersonFields;
use crate::ui::viewer::Viewer;

#[component]
pub fn NewPersonPage() -> impl IntoView {
    let create = ServerAction::<PersonCreate>::new();
    view! {
        <Page title="New person" narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb"><a href=paths::PEOPLE>"People"</a></nav>
            <h1>"New person"</h1>
            {if Viewer::current().may_write() {
                view! {
                    <ActionForm action=create attr:class="card stack">
                        <FormKey />
                        <PersonFields />
                        <div class="actions">
                            <button class="button button--primary">"Create person"</button>
                            <a class="button button--quiet" href=paths::PEOPLE>"Cancel"</a>
                        </div>
                    </ActionForm>
                }
                    .into_any()
            } else {
                view! { <Forbidden text="Only admins may create people." /> }
                    .into_any()
            }}
        </Page>
    }
}
