//! `/audit/admin`: everything worth knowing but enrollments, for admins.

use leptos::prelude::*;

use crate::kernel::actor::PersonRef;
use crate::kernel::topic::Topic;
use crate::resources::admin_events::model::{AdminAction, AdminEvent, SubjectType};
use crate::resources::enrollment_events::model::EventActor;
use crate::ui::admin_events::queries::{AdminLog, admin_events_read};
use crate::ui::components::actor::ActorName;
use crate::ui::components::live_updates::Live;
use crate::ui::components::moment::Moment;
use crate::ui::components::page::{ErrorPage, Page};
use crate::ui::components::pager::Pager;
use crate::ui::components::table::Empty;
use crate::ui::components::toolbar::Choose;
use crate::ui::error::{UiError, UiErrorKind};
use crate::ui::paths;
use crate::ui::viewer::Viewer;

#[component]
pub fn AdminLogPage() -> impl IntoView {
    let viewer = Viewer::current();
    let said = |name: &str| viewer.query(name).unwrap_or_default();
    let (action, person) = (said("action"), said("person"));
    let (after, before) = (viewer.query("after"), viewer.query("before"));
    let page = async move {
        match admin_events_read(action, person, after, before).await {
            Ok(log) => view! { <Log log=Ok(log) /> }.into_any(),
            // A person who is not there is a mistake in the form above, which is to stay.
            Err(error) if error.kind == UiErrorKind::Refused => view! { <Log log=Err(error) /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }
    };
    view! { <Suspense>{Suspend::new(page)}</Suspense> }
}

#[component]
fn Log(log: Result<AdminLog, UiError>) -> impl IntoView {
    let here = Viewer::current().address().first_page();
    view! {
        <Page title="Administrative log">
            <div class="heading"><h1>"Administrative log"</h1></div>
            <p class="muted">
                "Sign-ins, operators, tokens, and changes of groups, workspaces and people. Enrollments are in the "
                <a href=paths::AUDIT>"audit log"</a> "."
            </p>
            <Filters />
            {match log {
                Err(error) => view! { <Empty title="Nothing to show">{error.sentence}</Empty> }.into_any(),
                Ok(AdminLog { page, person: _ }) if page.items.is_empty() => {
                    view! { <Empty title="Nothing happened">"No entry of the log matches."</Empty> }.into_any()
                }
                Ok(AdminLog { page, person: _ }) => {
                    view! {
                        <div id="events" data-live><EventTable events=page.items /></div>
                        <Pager base=here.to_string() before=page.before after=page.after />
                        <Live topics=vec![Topic::ADMIN_EVENTS] />
                    }
                        .into_any()
                }
            }}
        </Page>
    }
}

#[component]
fn Filters() -> impl IntoView {
    let here = Viewer::current().address();
    let is_filtered = ["action", "person"].iter().any(|field| here.get(field).is_some());
    let mut options = vec![("", "All")];
    options.extend(AdminAction::ALL.iter().map(|action| (action.word(), told(*action))));
    view! {
        <search>
            <form class="toolbar" method="get" action=paths::ADMIN_LOG>
                <div class="toolbar__search">
                    <label class="visually-hidden" for="person">"E-mail address of who did it"</label>
                    <input
                        id="person"
                        name="person"
                        type="search"
                        placeholder="E-mail address of who did it"
                        value=here.get("person").unwrap_or_default().to_owned()
                    />
                </div>
                <Choose name="action" label="What" options />
                <button class="button">"Search"</button>
                {is_filtered.then(|| view! { <a class="button button--quiet" href=paths::ADMIN_LOG>"Clear"</a> })}
            </form>
        </search>
    }
}

#[component]
fn EventTable(events: Vec<AdminEvent>) -> impl IntoView {
    view! {
        <table class="table">
            <caption class="visually-hidden">"Administrative events, newest first"</caption>
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"To what"</th>
                    <th scope="col">"Who"</th>
                </tr>
            </thead>
            <tbody>{events.into_iter().map(|event| view! { <EventRow event /> }).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn EventRow(event: AdminEvent) -> impl IntoView {
    let class = if event.action == AdminAction::SignInFailed { "tag tag--danger" } else { "tag" };
    view! {
        <tr id=format!("event-{}", event.id)>
            <th scope="row"><Moment at=event.occurred_at /></th>
            <td data-label="What"><span class=class>{told(event.action)}</span></td>
            <td data-label="To what"><SubjectName event=event.clone() /></td>
            <td data-label="Who"><ActorName actor=actor(&event) source=event.source token_name=event.token_name /></td>
        </tr>
    }
}

/// By the name that they had then. Who fails to sign in is nobody that the desk knows.
fn actor(event: &AdminEvent) -> EventActor {
    match (event.actor.clone(), event.actor_name.clone()) {
        (Some(person), name) => {
            EventActor::Person(PersonRef { id: person.id, name: name.unwrap_or(person.name) })
        }
        (None, Some(name)) => EventActor::FormerPerson(name),
        (None, None) if event.action == AdminAction::SignInFailed => EventActor::Unrecorded,
        (None, None) => EventActor::System,
    }
}

/// Leads to what it happened to, where that has a page.
#[component]
fn SubjectName(event: AdminEvent) -> impl IntoView {
    let name = event.subject_name.unwrap_or_default();
    let path = event.subject_id.map(|id| match event.action.subject_type() {
        SubjectType::Group => format!("{}/{id}", paths::GROUPS),
        SubjectType::Workspace => format!("{}/{id}", paths::WORKSPACES),
        SubjectType::Person => format!("{}/{id}", paths::PEOPLE),
        SubjectType::Operator => paths::operator_at(&id.to_string()),
        SubjectType::Token => paths::token_at(id),
    });
    match path {
        Some(path) => view! { <a class="name" href=path dir="auto">{name}</a> }.into_any(),
        None => view! { <span class="name" dir="auto">{name}</span> }.into_any(),
    }
}

const fn told(action: AdminAction) -> &'static str {
    match action {
        AdminAction::GroupCreated => "Group created",
        AdminAction::GroupUpdated => "Group changed",
        AdminAction::GroupRemoved => "Group removed",
        AdminAction::WorkspaceCreated => "Workspace created",
        AdminAction::WorkspaceUpdated => "Workspace changed",
        AdminAction::WorkspaceRemoved => "Workspace removed",
        AdminAction::PersonCreated => "Person created",
        AdminAction::PersonUpdated => "Person changed",
        AdminAction::PersonDeleted => "Person deleted",
        AdminAction::OperatorCreated => "Operator added",
        AdminAction::MadeAdmin => "Made admin",
        AdminAction::MadeSupport => "Made support",
        AdminAction::OperatorDisabled => "Operator disabled",
        AdminAction::OperatorEnabled => "Operator enabled",
        AdminAction::SignInLinkCreated => "Sign-in link made",
        AdminAction::OperatorLinked => "Provider linked",
        AdminAction::OperatorUnlinked => "Provider unlinked",
        AdminAction::TokenCreated => "Token created",
        AdminAction::TokenRevoked => "Token revoked",
        AdminAction::PasswordSet => "Password chosen",
        AdminAction::PasswordChanged => "Password changed",
        AdminAction::SignedIn => "Signed in",
        AdminAction::SignInFailed => "Sign-in failed",
        AdminAction::SignedOut => "Signed out",
        AdminAction::SessionEnded => "Session ended",
        AdminAction::SessionsEnded => "Sessions ended",
    }
}
