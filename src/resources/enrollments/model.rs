//! The words for enrollments.

pub mod comparison;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::page::{KeyValue, Position, Sort, SortWord, Status, TimeRange};
use crate::resources::people::model::{ByPerson, Person};
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
pub struct EnrollmentWithRelated {
    pub enrollment: Enrollment,
    pub group: Option<WorkspaceGroup>,
    pub group_created_by: Option<Person>,
    pub workspace: Option<Workspace>,
    pub created_by: Option<Person>,
}

impl EnrollmentWithRelated {
    /// With nothing read along.
    pub const fn alone(enrollment: Enrollment) -> Self {
        Self { enrollment, group: None, group_created_by: None, workspace: None, created_by: None }
    }
}

/// Which related things to read along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each path that can be included")]
pub struct EnrollmentInclude {
    pub group: bool,
    /// Who created the group; goes with the group alone.
    pub group_created_by: bool,
    pub workspace: bool,
    pub created_by: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEnrollment {
    pub group: GroupId,
    pub workspace: WorkspaceId,
}

/// Which rows, by whether they are, or were, live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    Now(Status),
    /// Those that were live at that moment: made by then, and not removed by then.
    AsOf(DateTime<Utc>),
}

impl Default for Liveness {
    fn default() -> Self {
        Self::Now(Status::Live)
    }
}

/// Was, or was not, the row's pair enrolled at a moment, by whichever row?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairAt {
    pub moment: DateTime<Utc>,
    pub was_in: bool,
}

/// Which enrollments; an empty list of ids and an open range mean any.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnrollmentFilter {
    pub groups: Vec<GroupId>,
    pub workspaces: Vec<WorkspaceId>,
    pub created_by: Option<ByPerson>,
    pub liveness: Liveness,
    pub pair_at: Option<PairAt>,
    pub created_at: TimeRange,
    pub updated_at: TimeRange,
    pub deleted_at: TimeRange,
}

impl EnrollmentFilter {
    /// The live ones in this group.
    pub fn in_group(group: GroupId) -> Self {
        Self { groups: vec![group], ..Self::default() }
    }

    /// The live ones of this workspace.
    pub fn of_workspace(workspace: WorkspaceId) -> Self {
        Self { workspaces: vec![workspace], ..Self::default() }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrollmentSortKey {
    CreatedAt,
    UpdatedAt,
    DeletedAt,
}

impl SortWord for EnrollmentSortKey {
    const ALL: &'static [Self] = &[Self::CreatedAt, Self::UpdatedAt, Self::DeletedAt];

    fn word(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::DeletedAt => "deleted_at",
        }
    }
}

pub type EnrollmentSort = Sort<EnrollmentSortKey>;

/// Where this enrollment stands in an order.
pub fn enrollment_position(sort: &EnrollmentSort, enrollment: &Enrollment) -> Position {
    sort.position(enrollment.id.uuid(), |key| {
        KeyValue::Time(match key {
            EnrollmentSortKey::CreatedAt => Some(enrollment.created_at),
            EnrollmentSortKey::UpdatedAt => enrollment.updated_at,
            EnrollmentSortKey::DeletedAt => enrollment.deleted_at,
        })
    })
}

/// As the contract has it where nobody says otherwise: the newest first.
pub fn newest_first() -> EnrollmentSort {
    Sort::descending(EnrollmentSortKey::CreatedAt)
}

/// What a removal found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoveOutcome {
    Removed,
    /// It was removed before; nothing changed.
    AlreadyRemoved,
}

/// What a correction of an attribution came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributionOutcome {
    /// In whose name it stood before.
    pub from: Option<PersonId>,
    /// As it is now.
    pub enrollment: Enrollment,
}

impl AttributionOutcome {
    /// Or did it stand in that name already?
    pub fn is_changed(&self) -> bool {
        self.from != self.enrollment.created_by
    }
}

/// A group that was searched for, seen from a workspace: is it in already?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupCandidate {
    pub group: GroupId,
    pub name: String,
    pub enrolled: bool,
}

/// All that one request took out of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkRemoval {
    pub group: GroupId,
    /// When it came in: nothing was removed before.
    pub at: DateTime<Utc>,
    /// The request's id, as the log has it.
    pub request: String,
}

/// What came of enrolling again all that was removed at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RestoreSummary {
    pub enrolled: usize,
    /// Somebody had enrolled them again.
    pub already: usize,
    /// The workspaces were removed meanwhile.
    pub gone: usize,
}

/// What came of one workspace of many that were to be enrolled, none of which stands in another's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrollResult {
    Enrolled(EnrollmentId),
    AlreadyIn,
    /// There is no such workspace, or it was removed.
    WorkspaceNotFound,
}

/// A workspace that was searched for, seen from a group: is it in already?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub workspace: WorkspaceId,
    pub name: String,
    pub external_workspace_id: Option<String>,
    pub enrolled: bool,
}
