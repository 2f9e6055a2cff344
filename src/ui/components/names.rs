//! Names that link to their pages, and events as sentences.

use crate::kernel::actor::{PersonRef, Role, Source};
use crate::resources::enrollment_events::model::origin::{ChangeOrigin, GroupRef};
use crate::resources::enrollment_events::model::{Correction, EnrollmentEvent, EventAction, EventActor};
use crate::resources::workspaces::rules::paintable;
use crate::ui::components::prelude::*;

/// The color of a workspace as a small square, if it is a color. SVG, since the Content-Security-Policy forbids inline
/// styles.
#[component]
pub fn Swatch(color: Option<String>) -> impl IntoView {
    color.as_deref().and_then(paintable).map(|fill| {
        view! {
            <svg class="swatch" width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
                <rect width="12" height="12" rx="3" fill=fill />
            </svg>
            " "
        }
    })
}

#[component]
pub fn WorkspaceName(
    id: WorkspaceId,
    name: String,
    #[prop(optional_no_strip)] color: Option<String>,
    #[prop(optional_no_strip)] external_workspace_id: Option<String>,
    #[prop(optional)] removed: bool,
) -> impl IntoView {
    view! {
        <Swatch color />
        <a class="name" href=paths::workspace(id) dir="auto">{name}</a>
        {external_workspace_id.map(|id| view! { " " <code class="muted">{id}</code> })}
        {removed.then(|| view! { " " <span class="tag tag--danger">"archived"</span> })}
    }
}

#[component]
pub fn GroupName(id: GroupId, name: String, #[prop(optional)] removed: bool) -> impl IntoView {
    view! {
        <a class="name" href=paths::group(id) dir="auto">{name}</a>
        {removed.then(|| view! { " " <span class="tag tag--danger">"archived"</span> })}
    }
}

#[component]
pub fn PersonName(person: Option<PersonRef>) -> impl IntoView {
    match person {
        Some(PersonRef { id, name }) => {
            view! { <a class="who" href=paths::person(id) dir="auto">{name}</a> }.into_any()
        }
        None => view! { <span class="muted">"no one (system)"</span> }.into_any(),
    }
}

pub fn actor_name(actor: EventActor) -> AnyView {
    match actor {
        EventActor::Person(person) => view! { <PersonName person=Some(person) /> }.into_any(),
        EventActor::FormerPerson(name) => {
            view! { <span class="who" dir="auto">{name}</span><span class="muted">" (deleted)"</span> }
                .into_any()
        }
        EventActor::System => view! { <PersonName person=None /> }.into_any(),
        EventActor::Unrecorded => view! { <span class="muted">"not recorded"</span> }.into_any(),
    }
}

/// The actor of an event, and the source if it is not the web interface.
#[component]
pub fn ActorName(actor: EventActor, source: Source, token_name: Option<String>) -> impl IntoView {
    let token = token_name.map(|token| format!(", {}", isolated(&token))).unwrap_or_default();
    let source = match source {
        Source::Web => None,
        Source::Api => Some(format!("API{token}")),
        Source::Cli => Some("command line".to_owned()),
        Source::Import => Some("import".to_owned()),
        Source::Migration => Some("before the log".to_owned()),
    };
    view! { {actor_name(actor)} {source.map(|source| view! { " " <span class="tag">{source}</span> })} }
}

/// What all events of a timeline belong to, which their sentences do not repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimelineOf {
    Everything,
    ChangeSet,
    Group,
    Workspace,
    Enrollment,
}

#[component]
pub fn Timeline(events: Vec<EnrollmentEvent>, of: TimelineOf) -> impl IntoView {
    view! { <ol class="timeline">{events.into_iter().map(|event| event_line(event, of)).collect_view()}</ol> }
}

/// A list of events with links to its other pages.
pub fn history(id: &'static str, page: ListPage<EnrollmentEvent>, of: TimelineOf) -> AnyView {
    let empty = ("Nothing happened yet", "Enrollments and removals will appear here.");
    list_or_empty(id, page, empty, |events| view! { <Timeline events of /> })
}

fn event_line(event: EnrollmentEvent, of: TimelineOf) -> impl IntoView {
    let (class, verb, preposition) = match event.action {
        EventAction::Enrolled => ("dot dot--enrolled", " enrolled ", " in "),
        EventAction::Removed => ("dot dot--removed", " removed ", " from "),
        EventAction::AttributionCorrected => ("dot", " changed the creator of ", " in "),
    };
    let workspace = if matches!(of, TimelineOf::Everything | TimelineOf::ChangeSet | TimelineOf::Group) {
        view! { <WorkspaceName id=event.workspace name=event.workspace_name /> }.into_any()
    } else {
        "it".into_any()
    };
    let change = event.change_set.filter(|_| of != TimelineOf::ChangeSet).map(paths::change_set);
    let group = matches!(of, TimelineOf::Everything | TimelineOf::ChangeSet | TimelineOf::Workspace)
        .then(|| view! { {preposition} <GroupName id=event.group name=event.group_name /> });
    view! {
        <li id=format!("event-{}", event.id)>
            <span class=class aria-hidden="true"></span>
            <p>
                <ActorName actor=event.actor source=event.source token_name=event.token_name /> {verb} {workspace} {group}
                {event.correction.map(correction_text)} {event.origin.map(|origin| origin_text(&origin, event.action))}
                {note_text(&event.note)}
            </p>
            <span class="timeline__when">
                {change.map(|path| view! { <a href=path>"see change"</a> " · " })}
                <a href=paths::enrollment(event.enrollment)><Moment at=event.occurred_at /></a>
            </span>
        </li>
    }
}

/// ` · moved from EMEA`
fn origin_text(origin: &ChangeOrigin, action: EventAction) -> AnyView {
    let other = |group: &GroupRef| view! { <GroupName id=group.id name=group.name.clone() /> };
    match (origin, action) {
        (ChangeOrigin::Move { from, .. }, EventAction::Enrolled) => {
            view! { " · moved from " {other(from)} }.into_any()
        }
        (ChangeOrigin::Move { to, .. }, _) => view! { " · moved to " {other(to)} }.into_any(),
        (ChangeOrigin::Copy { from, .. }, _) => view! { " · copied from " {other(from)} }.into_any(),
        (ChangeOrigin::Undo(id), _) => {
            view! { " · undoes " <a href=paths::change_set(*id)>"a change"</a> }.into_any()
        }
        (ChangeOrigin::Restore(moment), _) => view! { " · restored as of " <Moment at=*moment /> }.into_any(),
    }
}

/// ` from Bo Ek to Ana Lima`
fn correction_text(correction: Correction) -> String {
    let name = |name: &Option<String>| isolated(name.as_deref().unwrap_or("no one")).into_owned();
    format!(" from {} to {}", name(&correction.from), name(&correction.to))
}
/// What an operator with this role may do.
pub const fn role_summary(role: Role) -> &'static str {
    match role {
        Role::Support => "Reads everything, searches the audit log, exports.",
        Role::Admin => "Reads and changes everything, including tokens and operators.",
    }
}
