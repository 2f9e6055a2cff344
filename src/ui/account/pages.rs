//! `/account`: one's own.

use chrono::{DateTime, Utc};
use leptos::prelude::*;

use crate::kernel::problem::Field;
use crate::resources::operator_sessions::model::OperatorSession;
use crate::resources::operators::model::{Operator, PASSWORD_MIN};
use crate::ui::account::actions::{
    PasswordChange, SessionEnd, SessionsEndOthers, SignOutEverywhere, identity_read, sessions_read,
};
use crate::ui::account::components::PreferencesForm;
use crate::ui::account::preferences::{Preferences, preferences_read};
use crate::ui::components::entity_links::PersonName;
use crate::ui::components::field::FieldState;
use crate::ui::components::form_key::FormKey;
use crate::ui::components::moment::Moment;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::operators::pages::new::may;
use crate::ui::viewer::Viewer;

#[component]
pub fn AccountPage() -> impl IntoView {
    let viewer = Viewer::current();
    let page = async move {
        let read = async { Ok((sessions_read().await?, preferences_read().await?, identity_read().await?)) };
        match (read.await, viewer.operator) {
            (Ok((sessions, preferences, linked_at)), Some(operator)) => {
                view! { <Account operator sessions preferences linked_at /> }.into_any()
            }
            (Ok(_), None) => ().into_any(),
            (Err(error), _) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }
}

#[component]
fn Account(
    operator: Operator,
    sessions: Vec<OperatorSession>,
    preferences: Preferences,
    linked_at: Option<DateTime<Utc>>,
) -> impl IntoView {
    let role = operator.role;
    let provider = Viewer::current().provider.map(|name| view! { <Provider name linked_at /> });
    view! {
        <Page title="Your account" narrow=true>
            <h1>"Your account"</h1>
            <section class="card stack" aria-label="You">
                <dl class="facts">
                    <dt>"Name"</dt>
                    <dd><PersonName person=Some(operator.person) /></dd>
                    <dt>"E-mail address"</dt>
                    <dd>{operator.email.clone()}</dd>
                    <dt>"Role"</dt>
                    <dd>{role.word()} <br /> <span class="muted">{may(role)}</span></dd>
                    {provider}
                </dl>
            </section>
            <PreferencesForm preferences />
            <Password email=operator.email.clone() />
            <Sessions email=operator.email sessions />
        </Page>
    }
}

/// By which one may sign in, too.
#[component]
fn Provider(name: String, linked_at: Option<DateTime<Utc>>) -> impl IntoView {
    let how = format!(
        "Not linked. Choose “Sign in with {name}” when you sign in: it links you if it knows you by this e-mail address."
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

#[component]
fn Password(email: String) -> impl IntoView {
    let change = ServerAction::<PasswordChange>::new();
    let viewer = Viewer::current();
    let old = FieldState::of(&viewer, "old");
    let new = FieldState::named(&viewer, "new", Field::Password.word()).hinted("new-hint");
    let focus = viewer.first_faulty(&["old", Field::Password.word()]);
    view! {
        <section class="card stack" aria-labelledby="password-title">
            <h2 id="password-title">"Password"</h2>
            <ActionForm action=change attr:class="stack">
                <FormKey />
                // For password managers, which otherwise guess whose password it is.
                <input type="text" name="username" autocomplete="username" hidden readonly value=email />
                <div class="field">
                    <label for="old">"Present password"</label>
                    <input
                        id="old"
                        name="old"
                        autofocus=focus == Some("old")
                        type="password"
                        autocomplete="current-password"
                        aria-invalid=old.invalid()
                        aria-describedby=old.described_by()
                        required
                    />
                    {old.fault()}
                </div>
                <div class="field">
                    <label for="new">"New password"</label>
                    <input
                        id="new"
                        name="new"
                        autofocus=focus == Some(Field::Password.word())
                        type="password"
                        autocomplete="new-password"
                        minlength=PASSWORD_MIN.to_string()
                        aria-invalid=new.invalid()
                        aria-describedby=new.described_by()
                        required
                    />
                    {new.fault()}
                    <p class="hint" id="new-hint">
                        {format!("At least {PASSWORD_MIN} characters. A few words in a row are fine. Every other session ends.")}
                    </p>
                </div>
                <div class="actions"><button class="button button--primary">"Change password"</button></div>
            </ActionForm>
        </section>
    }
}

#[component]
fn Sessions(email: String, sessions: Vec<OperatorSession>) -> impl IntoView {
    let others = ServerAction::<SessionsEndOthers>::new();
    let all = ServerAction::<SignOutEverywhere>::new();
    let has_others = sessions.iter().any(|session| !session.is_current);
    view! {
        <section class="card stack" aria-labelledby="sessions-title">
            <h2 id="sessions-title">"Where you are signed in"</h2>
            <p class="muted">"A session ends after eight hours without use, and a day after it began."</p>
            <ul class="sessions" aria-labelledby="sessions-title">
                {sessions.into_iter().map(|session| view! { <Session session /> }).collect_view()}
            </ul>
            <div class="actions">
                {has_others
                    .then(|| {
                        view! {
                            <ActionForm action=others>
                                <FormKey />
                                <button class="button">"Sign out all others"</button>
                            </ActionForm>
                        }
                    })}
                <ActionForm action=all>
                    <FormKey />
                    <input type="hidden" name="username" value=email />
                    <button class="button button--danger">"Sign out everywhere"</button>
                </ActionForm>
            </div>
        </section>
    }
}

#[component]
fn Session(session: OperatorSession) -> impl IntoView {
    let OperatorSession { id, signed_in_at, seen_at, browser, address, is_current } = session;
    let end = ServerAction::<SessionEnd>::new();
    let label = format!("End the session of {browser}");
    view! {
        <li>
            <div>
                <strong>{browser}</strong> {address.map(|address| view! { " " <span class="muted">{address}</span> })} <br />
                "Signed in " <Moment at=signed_in_at /> <br /> "Last used " <Moment at=seen_at />
            </div>
            {if is_current {
                view! { <span class="tag tag--done">"this one"</span> }.into_any()
            } else {
                view! {
                    <ActionForm action=end>
                        <input type="hidden" name="session" value=id.to_string() />
                        <button class="button button--small" aria-label=label>"End"</button>
                    </ActionForm>
                }
                    .into_any()
            }}
        </li>
    }
}
