//! `/account`

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::ui::account::components::{PasswordSection, PreferencesSection, SessionsSection};
use crate::ui::account::queries::account;
use crate::ui::account::view::Account;
use crate::ui::components::{Moment, Page, PersonName, load_page};
use crate::ui::operators::components::role_summary;
use crate::ui::viewer::Viewer;

#[component]
pub fn AccountPage() -> impl IntoView {
    let provider = Viewer::current().provider;
    load_page(async move {
        let Account { operator, sessions, linked_at, preferences } = account().await?;
        let role = operator.role;
        Ok(view! {
            <Page title="Your account" narrow=true>
                <h1>"Your account"</h1>
                <section class="card stack" aria-label="You">
                    <dl class="facts">
                        <dt>"Name"</dt>
                        <dd><PersonName person=Some(operator.person) /></dd>
                        <dt>"E-mail address"</dt>
                        <dd>{operator.email.clone()}</dd>
                        <dt>"Role"</dt>
                        <dd>{role.into_str()} <br /> <span class="muted">{role_summary(role)}</span></dd>
                        {provider.map(|name| view! { <Provider name linked_at /> })}
                    </dl>
                </section>
                <PreferencesSection preferences />
                <PasswordSection email=operator.email.clone() />
                <SessionsSection email=operator.email sessions />
            </Page>
        })
    })
}

#[component]
fn Provider(name: String, linked_at: Option<DateTime<Utc>>) -> impl IntoView {
    let how = format!(
        "Not linked. Choose “Sign in with {name}” at your next sign-in. You are linked if {name} knows your e-mail address."
    );
    view! {
        <dt>{name}</dt>
        <dd>
            {match linked_at {
                Some(at) => view! { "Linked since " <Moment at /> }.into_any(),
                None => view! { <span class="muted">{how}</span> }.into_any(),
            }}
        </dd>
    }
}
