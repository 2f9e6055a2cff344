//! Events as sentences, on the pages of groups, workspaces and enrollments, and in the audit log.

use leptos::prelude::*;

use crate::kernel::text::isolated;
use crate::resources::enrollment_events::model::{Correction, EnrollmentEvent, EventAction};
use crate::ui::components::moment::Moment;
use crate::ui::components::names::{ActorName, GroupName, WorkspaceName};
use crate::ui::paths;

/// What all events of a timeline belong to, which their sentences do not repeat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimelineOf {
    Everything,
    Group,
    Workspace,
    Enrollment,
}

#[component]
pub fn Timeline(events: Vec<EnrollmentEvent>, of: TimelineOf) -> impl IntoView {
    view! { <ol class="timeline">{events.into_iter().map(|event| event_line(event, of)).collect_view()}</ol> }
}

fn event_line(event: EnrollmentEvent, of: TimelineOf) -> impl IntoView {
    let (class, verb, preposition) = match event.action {
        EventAction::Enrolled => ("dot dot--enrolled", " enrolled ", " in "),
        EventAction::Removed => ("dot dot--removed", " removed ", " from "),
        EventAction::AttributionCorrected => ("dot", " changed the creator of ", " in "),
    };
    let workspace = if matches!(of, TimelineOf::Everything | TimelineOf::Group) {
        view! { <WorkspaceName id=event.workspace name=event.workspace_name /> }.into_any()
    } else {
        "it".into_any()
    };
    let group = matches!(of, TimelineOf::Everything | TimelineOf::Workspace)
        .then(|| view! { {preposition} <GroupName id=event.group name=event.group_name /> });
    view! {
        <li id=format!("event-{}", event.id)>
            <span class=class aria-hidden="true"></span>
            <p>
                <ActorName actor=event.actor source=event.source token_name=event.token_name /> {verb} {workspace} {group}
                {event.correction.map(correction_text)}
            </p>
            <a class="timeline__when" href=paths::enrollment(event.enrollment)><Moment at=event.occurred_at /></a>
        </li>
    }
}

/// ` from Bo Ek to Ana Lima`
fn correction_text(correction: Correction) -> String {
    let name = |name: &Option<String>| isolated(name.as_deref().unwrap_or("no one")).into_owned();
    format!(" from {} to {}", name(&correction.from), name(&correction.to))
}
