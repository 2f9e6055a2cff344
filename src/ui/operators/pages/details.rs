//! `/operators/{id}`

use leptos::prelude::*;

use crate::kernel::actor::Role;
use crate::kernel::topic::Topic;
use crate::resources::operators::model::{OperatorStatus, OperatorSummary};
use crate::ui::components::{Crumbs, Live, Moment, MomentOrNever, Page, PersonName, crumb, page_with_id};
use crate::ui::operators::components::{EnableForm, LinkIdentityForm, StatusText, UnlinkForm, provider};
use crate::ui::operators::queries;
use crate::ui::operators::view::role_summary;
use crate::ui::paths::{self, OperatorChange};
use crate::ui::viewer::Viewer;

#[component]
pub fn OperatorPage() -> impl IntoView {
    let own = Viewer::current().operator.map(|operator| operator.id);
    page_with_id(async move |id| {
        let operator = queries::operator(id).await?;
        let name = operator.name().to_owned();
        let changes = if own == Some(id) {
            view! { <OwnOperator /> }.into_any()
        } else {
            view! { <Changes operator=operator.clone() /> }.into_any()
        };
        Ok(view! {
            <Page title=name.clone() narrow=true>
                <Crumbs crumbs=vec![crumb(paths::OPERATORS, "Operators")] />
                <h1 id="heading" data-live><bdi>{name}</bdi></h1>
                <section class="card stack" id="facts" data-live aria-label="Details">
                    <Facts operator=operator.clone() />
                    <p><a href=paths::admin_log_of(&operator.email)>"Administrative log of this operator"</a></p>
                </section>
                <div id="changes" data-live>{changes}</div>
                <Live topics=vec![Topic::OPERATORS, Topic::PEOPLE] />
            </Page>
        })
    })
}

#[component]
fn Facts(operator: OperatorSummary) -> impl IntoView {
    let OperatorSummary { id: _, email, role, person, status, created_at, last_signed_in_at, linked_at } =
        operator;
    let person = match person {
        Some(person) => view! { <PersonName person=Some(person) /> }.into_any(),
        None => view! { <span class="muted">"a deleted person"</span> }.into_any(),
    };
    view! {
        <dl class="facts">
            <dt>"Acts as"</dt>
            <dd>{person}</dd>
            <dt>"E-mail address"</dt>
            <dd>{email}</dd>
            <dt>"Role"</dt>
            <dd>{role.into_str()} <br /> <span class="muted">{role_summary(role)}</span></dd>
            <dt>"Status"</dt>
            <dd><StatusText status has_signed_in=last_signed_in_at.is_some() /></dd>
            <dt>"Added"</dt>
            <dd><Moment at=created_at /></dd>
            <dt>"Last sign-in"</dt>
            <dd><MomentOrNever at=last_signed_in_at /></dd>
            {linked_at.map(|at| view! { <dt>{provider()}</dt> <dd>"Linked since " <Moment at /></dd> })}
        </dl>
    }
}

#[component]
fn OwnOperator() -> impl IntoView {
    view! {
        <p class="muted">
            "This is you. Another admin can change your role or disable you. You can change your password in "
            <a href=paths::ACCOUNT>"your account"</a> "."
        </p>
    }
}

#[component]
fn Changes(operator: OperatorSummary) -> impl IntoView {
    let id = operator.id;
    match operator.status {
        OperatorStatus::Active | OperatorStatus::LinkPending(_) | OperatorStatus::LinkExpired => {
            let path = |change| paths::operator_change(id, change);
            let role = match operator.role {
                Role::Admin => "Make support",
                Role::Support => "Make admin",
            };
            let identity = match operator.linked_at {
                Some(_) => view! { <UnlinkForm id /> }.into_any(),
                None => view! { <LinkIdentityForm id /> }.into_any(),
            };
            view! {
                <div class="stack">
                    <div class="actions">
                        <a class="button" href=path(OperatorChange::Link)>"New sign-in link"</a>
                        <a class="button" href=path(OperatorChange::Role)>{role}</a>
                        <a class="button button--danger" href=path(OperatorChange::Disable)>"Disable"</a>
                    </div>
                    {identity}
                </div>
            }
            .into_any()
        }
        OperatorStatus::Disabled(_) => view! { <EnableForm id /> }.into_any(),
        OperatorStatus::WithoutPerson => view! {
            <p class="muted">
                "The person was deleted, so nobody can sign in as this operator. "
                <a href=paths::NEW_OPERATOR>"Invite the e-mail address again"</a> " to restore access."
            </p>
        }
        .into_any(),
    }
}
