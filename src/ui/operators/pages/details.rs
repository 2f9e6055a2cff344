//! `/operators/{id}`: what is known of an operator, and what can be done.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::kernel::actor::Role;
use crate::kernel::id::OperatorId;
use crate::kernel::text::WORD_MAX;
use crate::kernel::topic::Topic;
use crate::resources::operators::model::{OperatorStatus, OperatorSummary};
use crate::ui::components::entity_links::PersonName;
use crate::ui::components::field::FieldState;
use crate::ui::components::live_updates::Live;
use crate::ui::components::moment::Moment;
use crate::ui::components::not_found::NotFoundPage;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::operators::actions::{OperatorEnable, OperatorLinkIdentity, OperatorUnlink, operator_read};
use crate::ui::operators::pages::list::{LastSignIn, StatusText};
use crate::ui::operators::pages::new::may;
use crate::ui::paths::{self, OperatorChange};
use crate::ui::viewer::Viewer;

#[component]
pub fn OperatorPage() -> impl IntoView {
    let id = use_params_map().with_untracked(|params| params.get("id")).unwrap_or_default();
    let Ok(id) = id.parse::<OperatorId>() else {
        return view! { <NotFoundPage /> }.into_any();
    };
    let page = async move {
        match operator_read(id).await {
            Ok(operator) => view! { <Operator operator /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }.into_any()
}

/// Is the one who looks at the page the one it is about?
fn is_own(operator: &OperatorSummary) -> bool {
    Viewer::current().operator.is_some_and(|viewer| viewer.id == operator.id)
}

#[component]
fn Operator(operator: OperatorSummary) -> impl IntoView {
    let name = operator.name().to_owned();
    let is_own = is_own(&operator);
    view! {
        <Page title=name.clone() narrow=true>
            <nav class="crumbs" aria-label="Breadcrumb"><a href=paths::OPERATORS>"Operators"</a></nav>
            <h1 id="heading" data-live><bdi>{name}</bdi></h1>
            <section class="card stack" id="facts" data-live aria-label="What is known">
                <Facts operator=operator.clone() />
                <p><a href=paths::admin_log_of(&operator.email)>"What they did beside enrollments"</a></p>
            </section>
            <div id="changes" data-live>
                {if is_own {
                    view! {
                        <p class="muted">
                            "This is you: another admin can change your role or disable you. Your password is in "
                            <a href=paths::ACCOUNT>"your account"</a> "."
                        </p>
                    }
                        .into_any()
                } else {
                    view! { <Changes operator /> }.into_any()
                }}
            </div>
            <Live topics=vec![Topic::OPERATORS, Topic::PEOPLE] />
        </Page>
    }
}

#[component]
fn Facts(operator: OperatorSummary) -> impl IntoView {
    let OperatorSummary { id: _, email, role, person, status, created_at, last_signed_in_at, linked_at } =
        operator;
    view! {
        <dl class="facts">
            <dt>"Acts as"</dt>
            <dd>
                {match person {
                    Some(person) => view! { <PersonName person=Some(person) /> }.into_any(),
                    None => view! { <span class="muted">"a person deleted since"</span> }.into_any(),
                }}
            </dd>
            <dt>"E-mail address"</dt>
            <dd>{email}</dd>
            <dt>"Role"</dt>
            <dd>{role.word()} <br /> <span class="muted">{may(role)}</span></dd>
            <dt>"Status"</dt>
            <dd><StatusText status has_signed_in=last_signed_in_at.is_some() /></dd>
            <dt>"Added"</dt>
            <dd><Moment at=created_at /></dd>
            <dt>"Last sign-in"</dt>
            <dd><LastSignIn at=last_signed_in_at /></dd>
            {linked_at.map(|at| view! { <dt>{provider()}</dt> <dd>"Linked since " <Moment at /></dd> })}
        </dl>
    }
}

/// The name of the one that is set up; a link may be to one that was.
pub(super) fn provider() -> String {
    Viewer::current().provider.unwrap_or_else(|| "Identity provider".to_owned())
}

#[component]
fn Unlink(id: OperatorId) -> impl IntoView {
    let unlink = ServerAction::<OperatorUnlink>::new();
    view! {
        <ActionForm action=unlink attr:class="stack">
            <input type="hidden" name="operator" value=id.to_string() />
            <p class="muted">
                {format!(
                    "{} knows them as one account of theirs. Where they have another one by now, unlink them: they \
                     are signed out everywhere, and linked anew by e-mail address when they sign in. To keep them \
                     out, disable them.",
                    provider(),
                )}
            </p>
            <div class="actions"><button class="button">"Unlink"</button></div>
        </ActionForm>
    }
}

/// For whom the provider's word about their e-mail address does not do.
#[component]
fn LinkIdentity(id: OperatorId) -> impl IntoView {
    let viewer = Viewer::current();
    let link = ServerAction::<OperatorLinkIdentity>::new();
    let subject = FieldState::of(&viewer, "subject").hinted("subject-hint");
    let focus = viewer.first_faulty(&["subject"]);
    viewer.provider.clone().map(|name| {
        view! {
            <ActionForm action=link attr:class="stack">
                <input type="hidden" name="operator" value=id.to_string() />
                <div class="field">
                    <label for="subject">{format!("Account id at {name}")}</label>
                    <input
                        id="subject"
                        name="subject"
                        required
                        autocomplete="off"
                        spellcheck="false"
                        maxlength=WORD_MAX.to_string()
                        autofocus=focus == Some("subject")
                        value=viewer.typed("subject")
                        aria-invalid=subject.invalid()
                        aria-describedby=subject.described_by()
                    />
                    {subject.fault()}
                    <p class="hint" id="subject-hint">
                        {format!(
                            "Not needed where {name} says that their e-mail address is verified. Otherwise the page on \
                             which they are refused shows it. Make sure that the account is theirs: it signs in as them.",
                        )}
                    </p>
                </div>
                <div class="actions"><button class="button">"Link"</button></div>
            </ActionForm>
        }
    })
}

#[component]
fn Changes(operator: OperatorSummary) -> impl IntoView {
    let enable = ServerAction::<OperatorEnable>::new();
    let to = |change| paths::operator_change(operator.id, change);
    let role = match operator.role {
        Role::Admin => "Make support",
        Role::Support => "Make admin",
    };
    let link = view! { <a class="button" href=to(OperatorChange::Link)>"New sign-in link"</a> };
    let role = view! { <a class="button" href=to(OperatorChange::Role)>{role}</a> };
    let disable = view! { <a class="button button--danger" href=to(OperatorChange::Disable)>"Disable"</a> };
    match operator.status {
        OperatorStatus::Active | OperatorStatus::LinkPending(_) | OperatorStatus::LinkExpired => view! {
            <div class="stack">
                <div class="actions">{link} {role} {disable}</div>
                {match operator.linked_at {
                    Some(_) => view! { <Unlink id=operator.id /> }.into_any(),
                    None => view! { <LinkIdentity id=operator.id /> }.into_any(),
                }}
            </div>
        }
        .into_any(),
        OperatorStatus::Disabled(_) => view! {
            <ActionForm action=enable attr:class="actions">
                <input type="hidden" name="operator" value=operator.id.to_string() />
                <button class="button button--primary">"Enable"</button>
            </ActionForm>
        }
        .into_any(),
        OperatorStatus::WithoutPerson => view! {
            <p class="muted">
                "The person was deleted, so nobody can sign in as this operator. "
                <a href=paths::NEW_OPERATOR>"Invite the e-mail address anew"</a> " to bring them back."
            </p>
        }
        .into_any(),
    }
}
