//! The types of enrollment events.

pub mod origin;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};

use self::origin::ChangeOrigin;
use crate::kernel::actor::{ChangeNote, PersonRef, Source};
use crate::kernel::id::{ChangeSetId, EnrollmentId, EventId, GroupId, PersonId, TokenId, WorkspaceId};
use crate::kernel::page::{EventSortKey, Position, Sort, TimeRange};
use crate::resources::enrollments::model::Enrollment;
use crate::resources::people::model::{ByPerson, Person};
use crate::resources::workspace_groups::model::WorkspaceGroup;
use crate::resources::workspaces::model::Workspace;

#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    IntoStaticStr,
    EnumString,
    VariantArray,
    VariantNames,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum EventAction {
    Enrolled,
    Removed,
    AttributionCorrected,
}

/// The names of the previous and the new creator; `None` for none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    pub from: Option<String>,
    pub to: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventActor {
    /// A person who still exists, with the name that they had then.
    Person(PersonRef),
    /// The name of a person who has been deleted since.
    FormerPerson(String),
    /// A system token, or a command without a person.
    System,
    /// The change happened before there was a log.
    Unrecorded,
}

impl EventActor {
    /// The actor by what an event has recorded.
    pub fn of(person: Option<PersonId>, name: Option<String>, source: Source) -> Self {
        match (person, name) {
            (Some(id), name) => Self::Person(PersonRef { id, name: name.unwrap_or_default() }),
            (None, Some(name)) => Self::FormerPerson(name),
            (None, None) if source == Source::Migration => Self::Unrecorded,
            (None, None) => Self::System,
        }
    }

    /// The person, if they still exist.
    pub const fn person(&self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(person.id),
            Self::FormerPerson(_) | Self::System | Self::Unrecorded => None,
        }
    }

    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Person(person) => Some(&person.name),
            Self::FormerPerson(name) => Some(name),
            Self::System | Self::Unrecorded => None,
        }
    }
}

/// An event with the present names of its group and workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollmentEvent {
    pub id: EventId,
    pub action: EventAction,
    pub occurred_at: DateTime<Utc>,
    pub source: Source,
    pub actor: EventActor,
    pub token_name: Option<String>,
    pub request_id: Option<String>,
    /// `None` before change sets were recorded.
    pub change_set: Option<ChangeSetId>,
    pub note: ChangeNote,
    /// Set if the change set is more than a plain change, for example a move.
    pub origin: Option<ChangeOrigin>,
    pub enrollment: EnrollmentId,
    pub group: GroupId,
    pub group_name: String,
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    /// Set for [`EventAction::AttributionCorrected`] only.
    pub correction: Option<Correction>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventWithRelated {
    pub event: EnrollmentEvent,
    pub enrollment: Option<Enrollment>,
    pub enrollment_created_by: Option<Person>,
    pub group: Option<WorkspaceGroup>,
    pub group_created_by: Option<Person>,
    pub workspace: Option<Workspace>,
    pub actor: Option<Person>,
    /// The number of live enrollments of the group, if that was requested.
    pub group_live: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each path that can be included")]
pub struct EventInclude {
    pub enrollment: bool,
    /// Requires `enrollment`.
    pub enrollment_created_by: bool,
    pub group: bool,
    /// Requires `group`.
    pub group_created_by: bool,
    /// How many live enrollments the group has; requires `group`. The API counts them (`workspace_groups/api`).
    pub group_live: bool,
    pub workspace: bool,
    pub actor: bool,
}

/// An empty list and an open range match any event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventFilter {
    pub enrollments: Vec<EnrollmentId>,
    pub groups: Vec<GroupId>,
    pub workspaces: Vec<WorkspaceId>,
    /// A text that the workspace or the group matches, as in a filter of enrollments.
    pub search: Option<String>,
    /// `Nobody` matches system tokens and commands, and people who have been deleted since.
    pub actor: Option<ByPerson>,
    pub actions: Vec<EventAction>,
    pub sources: Vec<Source>,
    pub occurred_at: TimeRange,
    pub change_sets: Vec<ChangeSetId>,
    /// Changes made with this token, which are found by its name and the person it acts for.
    pub token: Option<TokenId>,
    /// Changes by the request with this id.
    pub request_id: Option<String>,
}

pub fn event_position(sort: &Sort<EventSortKey>, event: &EnrollmentEvent) -> Position {
    sort.event_position(event.id.uuid(), event.occurred_at)
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    pub actor: EventActor,
    pub source: Source,
    pub token_name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Activity {
    pub enrolled: i64,
    pub removed: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusyGroup {
    pub group: GroupId,
    pub name: String,
    pub activity: Activity,
}
