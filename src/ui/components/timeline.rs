//! What happened, line by line: on the page of whatever it happened to, and in the log of all.

use leptos::prelude::*;

use crate::kernel::text::isolated;
use crate::resources::enrollment_events::model::{Correction, EnrollmentEvent, EventAction};
use crate::ui::components::actor::ActorName;
use crate::ui::components::entity_links::{GroupName, WorkspaceName};
use crate::ui::components::moment::Moment;
use crate::ui::paths;

/// On whose page events are told. What all of them share is in its heading, and not said in each line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToldOn {
    /// Anywhere else: a line says all.
    All,
    Group,
    Workspace,
    Enrollment,
}

impl ToldOn {
    const fn names_workspace(self) -> bool {
        matches!(self, Self::All | Self::Group)
    }

    const fn names_group(self) -> bool {
        matches!(self, Self::All | Self::Workspace)
    }
}

/// Events in the order given.
#[component]
pub fn Timeline(events: Vec<EnrollmentEvent>, on: ToldOn) -> impl IntoView {
    view! {
        <ol class="timeline">
            {events.into_iter().map(|event| view! { <EventLine event on /> }).collect_view()}
        </ol>
    }
}

/// One sentence. Its moment leads to the enrollment: what a line is about has a page of its own, and a
/// time is the one thing in it that leads nowhere else.
#[component]
fn EventLine(event: EnrollmentEvent, on: ToldOn) -> impl IntoView {
    let (class, verb, preposition) = match event.action {
        EventAction::Enrolled => ("dot dot--enrolled", " enrolled ", " in "),
        EventAction::Removed => ("dot dot--removed", " removed ", " from "),
        EventAction::AttributionCorrected => ("dot", " corrected who enrolled ", " in "),
    };
    let workspace = if on.names_workspace() {
        view! { <WorkspaceName id=event.workspace name=event.workspace_name /> }.into_any()
    } else {
        "it".into_any()
    };
    let group = on.names_group().then(|| {
        view! { {preposition} <GroupName id=event.group name=event.group_name /> }
    });
    view! {
        <li id=format!("event-{}", event.id)>
            <span class=class aria-hidden="true"></span>
            <p>
                <ActorName actor=event.actor source=event.source token_name=event.token_name /> {verb} {workspace} {group}
                {event.correction.map(correction_words)}
            </p>
            <a class="timeline__when" href=paths::enrollment(event.enrollment)><Moment at=event.occurred_at /></a>
        </li>
    }
}

/// `: Ana Lima, not Bo Ek`
fn correction_words(correction: Correction) -> String {
    let name = |name: &Option<String>| isolated(name.as_deref().unwrap_or("no one")).into_owned();
    format!(": {}, not {}", name(&correction.to), name(&correction.from))
}
