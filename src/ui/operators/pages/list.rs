//! `/operators`

use leptos::prelude::*;

use crate::kernel::topic::Topic;
use crate::resources::operators::model::{OperatorStatus, OperatorSummary};
use crate::ui::components::entity_links::PersonName;
use crate::ui::components::live_updates::Live;
use crate::ui::components::moment::Moment;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::components::pager::Pager;
use crate::ui::operators::actions::operators_read;
use crate::ui::pagination::ListPage;
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn OperatorsPage() -> impl IntoView {
    let viewer = Viewer::current();
    let (after, before) = (viewer.query("after"), viewer.query("before"));
    let page = async move {
        match operators_read(after, before).await {
            Ok(page) => view! { <Operators page /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }
}

#[component]
fn Operators(page: ListPage<OperatorSummary>) -> impl IntoView {
    view! {
        <Page title="Operators">
            <div class="heading">
                <h1>"Operators"</h1>
                <a class="button button--primary" href=paths::NEW_OPERATOR>"Invite"</a>
            </div>
            <p class="muted">
                "Who signs in to this desk. What they did beside enrollments is in the "
                <a href=paths::ADMIN_LOG>"administrative log"</a> "."
            </p>
            <div id="operators" data-live><OperatorTable operators=page.items /></div>
            <Pager base=paths::OPERATORS.to_owned() before=page.before after=page.after />
            <Live topics=vec![Topic::OPERATORS, Topic::PEOPLE] />
        </Page>
    }
}

#[component]
fn OperatorTable(operators: Vec<OperatorSummary>) -> impl IntoView {
    view! {
        <table class="table">
            <caption class="visually-hidden">"Operators, last added first"</caption>
            <thead>
                <tr>
                    <th scope="col">"Person"</th>
                    <th scope="col">"Role"</th>
                    <th scope="col">"Status"</th>
                    <th scope="col">"Last sign-in"</th>
                    <th scope="col"><span class="visually-hidden">"Actions"</span></th>
                </tr>
            </thead>
            <tbody>{operators.into_iter().map(|operator| view! { <OperatorRow operator /> }).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn OperatorRow(operator: OperatorSummary) -> impl IntoView {
    let label = format!("Manage {}", operator.name());
    let OperatorSummary { id, email, role, person, status, created_at: _, last_signed_in_at, linked_at: _ } =
        operator;
    view! {
        <tr id=format!("operator-{id}")>
            <th scope="row">
                {person.map(|person| view! { <PersonName person=Some(person) /> <br /> })}
                <span class="muted">{email}</span>
            </th>
            <td data-label="Role">{role.word()}</td>
            <td data-label="Status"><StatusText status has_signed_in=last_signed_in_at.is_some() /></td>
            <td data-label="Last sign-in"><LastSignIn at=last_signed_in_at /></td>
            <td class="table__action">
                <a class="button button--small" href=paths::operator(id) aria-label=label>"Manage"</a>
            </td>
        </tr>
    }
}

#[component]
pub fn LastSignIn(at: Option<chrono::DateTime<chrono::Utc>>) -> impl IntoView {
    match at {
        Some(at) => view! { <Moment at /> }.into_any(),
        None => view! { <span class="muted">"never"</span> }.into_any(),
    }
}

/// Somebody without a password is invited before their first sign-in, and choosing anew after it.
#[component]
pub fn StatusText(status: OperatorStatus, has_signed_in: bool) -> impl IntoView {
    match status {
        OperatorStatus::Active => view! { <span class="tag tag--done">"active"</span> }.into_any(),
        OperatorStatus::LinkPending(until) => {
            let text = if has_signed_in { "link to a new password" } else { "invited" };
            view! { <span class="tag">{text}</span> " until " <Moment at=until /> }.into_any()
        }
        OperatorStatus::LinkExpired => {
            view! { <span class="tag tag--danger">"link expired"</span> }.into_any()
        }
        OperatorStatus::Disabled(since) => {
            view! { <span class="tag tag--danger">"disabled"</span> " " <Moment at=since /> }.into_any()
        }
        OperatorStatus::WithoutPerson => {
            view! { <span class="tag tag--danger">"person deleted"</span> }.into_any()
        }
    }
}
