//! The words for enrollments.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::page::{KeyValue, Position};
use crate::resources::people::model::Person;
use crate::resources::workspace_groups::model::WorkspaceGroup;
use crate::resources::workspaces::model::Workspace;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrollment {
    pub id: EnrollmentId,
    pub group: GroupId,
    pub workspace: WorkspaceId,
    pub created_by: Option<PersonId>,
    pub created_at: DateTime<Utc>,
    /// `None` on rows written by older systems.
    pub updated_at: Option<DateTime<Utc>>,
    /// `None`: live.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl Enrollment {
    pub const fn is_live(&self) -> bool {
        self.deleted_at.is_none()
    }
}

/// An enrollment with what was asked for of the things it relates to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollmentWith {
    pub enrollment: Enrollment,
    pub group: Option<WorkspaceGroup>,
    pub workspace: Option<Workspace>,
    pub created_by: Option<Person>,
}

/// Which related things to read along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EnrollmentInclude {
    pub group: bool,
    pub workspace: bool,
    pub created_by: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEnrollment {
    pub group: GroupId,
    pub workspace: WorkspaceId,
}

/// Which rows, by the one thing that makes a row live.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EnrollmentStatus {
    #[default]
    Live,
    Removed,
    Any,
}

impl EnrollmentStatus {
    pub const ALL: [Self; 3] = [Self::Live, Self::Removed, Self::Any];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Removed => "removed",
            Self::Any => "any",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreatedBy {
    Nobody,
    OneOf(Vec<PersonId>),
}

/// Which enrollments; an empty list of ids means any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnrollmentFilter {
    pub groups: Vec<GroupId>,
    pub workspaces: Vec<WorkspaceId>,
    pub created_by: Option<CreatedBy>,
    pub status: EnrollmentStatus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrollmentSortKey {
    CreatedAt,
    UpdatedAt,
    DeletedAt,
}

impl EnrollmentSortKey {
    pub const ALL: [Self; 3] = [Self::CreatedAt, Self::UpdatedAt, Self::DeletedAt];

    pub const fn word(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::DeletedAt => "deleted_at",
        }
    }

    fn of(self, enrollment: &Enrollment) -> KeyValue {
        KeyValue::Time(match self {
            Self::CreatedAt => Some(enrollment.created_at),
            Self::UpdatedAt => enrollment.updated_at,
            Self::DeletedAt => enrollment.deleted_at,
        })
    }
}

/// In which order, each key with "descending?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrollmentSort(pub Vec<(EnrollmentSortKey, bool)>);

impl Default for EnrollmentSort {
    fn default() -> Self {
        Self(vec![(EnrollmentSortKey::CreatedAt, true)])
    }
}

impl EnrollmentSort {
    /// Where this enrollment stands in the order.
    pub fn position(&self, enrollment: &Enrollment) -> Position {
        Position {
            keys: self.0.iter().map(|(key, _)| key.of(enrollment)).collect(),
            id: enrollment.id.uuid(),
        }
    }
}

/// What a removal found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoveOutcome {
    Removed,
    /// It was removed before; nothing changed.
    AlreadyRemoved,
}

/// A workspace that was searched for, seen from a group: is it in already?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub workspace: WorkspaceId,
    pub name: String,
    pub external_workspace_id: Option<String>,
    pub enrolled: bool,
}
