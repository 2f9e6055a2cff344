//! `/people/new`

use leptos::prelude::*;

use crate::ui::actions::people::PersonCreate;
use crate::ui::parts::form_key::FormKey;
use crate::ui::parts::page::{Forbidden, Page};
use crate::ui::parts::person_form::PersonFields;
use crate::ui::paths;
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
