//! `/audit/admin`: all events but those of enrollments, for admins.

use crate::kernel::actor::PersonRef;
use crate::resources::admin_events::model::{AdminAction, AdminEvent, SubjectType};
use crate::resources::enrollment_events::model::EventActor;
use crate::ui::admin_events::queries::admin_events;
use crate::ui::components::prelude::*;

#[component]
pub fn AdminLogPage() -> impl IntoView {
    let viewer = Viewer::current();
    let parameter = |name: &str| viewer.query(name).unwrap_or_default();
    let (action, person) = (parameter("action"), parameter("person"));
    load_page(async move {
        let shown = match admin_events(&action, &person).await {
            Ok(page) => log(page),
            // An unknown person is a mistake in the form above, which stays.
            Err(error) if error.kind == UiErrorKind::Refused => {
                view! { <Empty title="Nothing to show">{error.sentence}</Empty> }.into_any()
            }
            Err(error) => return Err(error),
        };
        Ok(view! {
            <Page title="Administrative log">
                <div class="heading"><h1>"Administrative log"</h1></div>
                <p class="muted">
                    "Sign-ins, operators, tokens, and changes of groups, workspaces and people. Enrollments are in the "
                    <a href=paths::AUDIT>"audit log"</a> "."
                </p>
                <Toolbar
                    action=paths::ADMIN_LOG
                    placeholder="E-mail address of the actor"
                    name="person"
                    fields=&["action", "person"]
                >
                    <Choose name="action" label="Action" options=options("All", action_text) />
                </Toolbar>
                {shown}
            </Page>
        })
    })
}

fn log(page: ListPage<AdminEvent>) -> AnyView {
    let parameters = vec!["action", "person"];
    let empty = ("No matching events", "No entry of the log matches.");
    let list = list_or_empty("events", page, empty, |items| {
        let columns = vec![
            Column::name("When", |event: &AdminEvent| view! { <Moment at=event.occurred_at /> }),
            Column::text("Action", |event: &AdminEvent| {
                let is_failure = event.action == AdminAction::SignInFailed;
                let class = if is_failure { "tag tag--danger" } else { "tag" };
                view! { <span class=class>{action_text(event.action)}</span> }
            }),
            Column::text("Subject", |event: &AdminEvent| view! { <SubjectName event=event.clone() /> }),
            Column::text("Actor", |event: &AdminEvent| {
                view! { <ActorName actor=actor(event) source=event.source token_name=event.token_name.clone() /> }
            }),
        ];
        let row_id = |event: &AdminEvent| format!("event-{}", event.id);
        view! { <DataTable caption="Administrative events, newest first" columns items row_id /> }
    });
    view! {
        <Files path=paths::ADMIN_LOG parameters />
        {list}
        <Live topics=vec![Topic::ADMIN_EVENTS] />
    }
    .into_any()
}

/// The actor by the name that they had then. A failed sign-in has no known actor.
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

const fn action_text(action: AdminAction) -> &'static str {
    match action {
        AdminAction::GroupCreated => "Group created",
        AdminAction::GroupUpdated => "Group changed",
        AdminAction::GroupRemoved => "Group archived",
        AdminAction::WorkspaceCreated => "Workspace created",
        AdminAction::WorkspaceUpdated => "Workspace changed",
        AdminAction::WorkspaceRemoved => "Workspace archived",
        AdminAction::PersonCreated => "Person created",
        AdminAction::PersonUpdated => "Person changed",
        AdminAction::PersonDeleted => "Person deleted",
        AdminAction::OperatorCreated => "Operator added",
        AdminAction::MadeAdmin => "Made admin",
        AdminAction::MadeSupport => "Made support",
        AdminAction::OperatorDisabled => "Operator disabled",
        AdminAction::OperatorEnabled => "Operator enabled",
        AdminAction::SignInLinkCreated => "Sign-in link created",
        AdminAction::OperatorLinked => "Provider linked",
        AdminAction::OperatorUnlinked => "Provider unlinked",
        AdminAction::TokenCreated => "Token created",
        AdminAction::TokenRevoked => "Token revoked",
        AdminAction::PasswordSet => "Password set",
        AdminAction::PasswordChanged => "Password changed",
        AdminAction::SignedIn => "Signed in",
        AdminAction::SignInFailed => "Sign-in failed",
        AdminAction::SignedOut => "Signed out",
        AdminAction::SessionEnded => "Session ended",
        AdminAction::SessionsEnded => "Sessions ended",
    }
}
