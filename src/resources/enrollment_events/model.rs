//! The words for events of enrollments.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::actor::{PersonRef, Source};
use crate::kernel::id::{EnrollmentId, EventId, GroupId, WorkspaceId};
use crate::kernel::page::{KeyValue, Position};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventAction {
    Enrolled,
    Removed,
    AttributionCorrected,
}

impl EventAction {
    pub const ALL: [Self; 3] = [Self::Enrolled, Self::Removed, Self::AttributionCorrected];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Enrolled => "enrolled",
            Self::Removed => "removed",
            Self::AttributionCorrected => "attribution_corrected",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }
}

/// From whose name to whose an attribution was corrected; `None`: nobody's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Correction {
    pub from: Option<String>,
    pub to: Option<String>,
}

/// Who is told to have done it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventActor {
    /// A person who is still there, by the name they had then.
    Person(PersonRef),
    /// A person who was deleted since.
    FormerPerson(String),
    /// A system flow.
    System,
    /// It happened before there was a log.
    Unrecorded,
}

/// An event with the names of its pair as they are today.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollmentEvent {
    pub id: EventId,
    pub action: EventAction,
    pub occurred_at: DateTime<Utc>,
    pub source: Source,
    pub actor: EventActor,
    pub token_name: Option<String>,
    pub request_id: Option<String>,
    pub enrollment: EnrollmentId,
    pub group: GroupId,
    pub group_name: String,
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    /// Of a corrected attribution only.
    pub correction: Option<Correction>,
}

impl EnrollmentEvent {
    /// Where it stands among events, newest first.
    pub fn position(&self) -> Position {
        Position { keys: vec![KeyValue::Time(Some(self.occurred_at))], id: self.id.uuid() }
    }
}

/// Who removed an enrollment, and through which door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    pub enrollment: EnrollmentId,
    pub actor: EventActor,
    pub source: Source,
    pub token_name: Option<String>,
}
