//! The types of enrollments.

pub mod comparison;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::page::{NamedSortKey, Position, Sort, Status, TimeRange};
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
    /// `None` while it is live.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl Enrollment {
    pub const fn is_live(&self) -> bool {
        self.deleted_at.is_none()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrollmentWithRelated {
    pub enrollment: Enrollment,
    pub group: Option<WorkspaceGroup>,
    pub group_created_by: Option<Person>,
    pub workspace: Option<Workspace>,
    pub created_by: Option<Person>,
}

impl EnrollmentWithRelated {
    pub const fn without_related(enrollment: Enrollment) -> Self {
        Self { enrollment, group: None, group_created_by: None, workspace: None, created_by: None }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each path that can be included")]
pub struct EnrollmentInclude {
    pub group: bool,
    /// The creator of the group; requires `group`.
    pub group_created_by: bool,
    pub workspace: bool,
    pub created_by: bool,
}

impl EnrollmentInclude {
    /// Reads the names of the group, the workspace and the creator along.
    pub const NAMES: Self = Self { group: true, workspace: true, created_by: true, group_created_by: false };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEnrollment {
    pub group: GroupId,
    pub workspace: WorkspaceId,
}

/// Filters rows by whether they are, or were, live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    Now(Status),
    /// Rows that were live at that moment: created by then, and not removed by then.
    AsOf(DateTime<Utc>),
}

impl Default for Liveness {
    fn default() -> Self {
        Self::Now(Status::Live)
    }
}

/// Filters rows by whether their pair was enrolled at a moment, by this or another row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairAt {
    pub moment: DateTime<Utc>,
    pub was_in: bool,
}

/// An empty list of ids and an open range match any enrollment.
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
    pub fn in_group(group: GroupId) -> Self {
        Self { groups: vec![group], ..Self::default() }
    }

    pub fn of_workspace(workspace: WorkspaceId) -> Self {
        Self { workspaces: vec![workspace], ..Self::default() }
    }

    /// The words of the orders that an index gives for these enrollments.
    pub fn orders(&self) -> &'static [&'static str] {
        if !self.groups.is_empty() {
            &["created_at", "deleted_at"]
        } else if !self.workspaces.is_empty() || self.created_by.is_some() {
            &["created_at"]
        } else {
            &["created_at", "updated_at", "deleted_at"]
        }
    }
}

pub type EnrollmentSort = Sort<NamedSortKey>;

pub fn enrollment_position(sort: &EnrollmentSort, enrollment: &Enrollment) -> Position {
    let Enrollment { id, created_at, updated_at, deleted_at, .. } = *enrollment;
    sort.named_position(id.uuid(), "", created_at, updated_at, deleted_at)
}

pub fn newest_first() -> EnrollmentSort {
    Sort::descending(NamedSortKey::CreatedAt)
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupCandidate {
    pub group: GroupId,
    pub name: String,
    pub enrolled: bool,
}

/// All removals from a group by one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkRemoval {
    pub group: GroupId,
    /// When the request began; its removals are not earlier.
    pub at: DateTime<Utc>,
    pub request: String,
}

/// What became of the workspaces of a bulk removal: numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RestoreSummary {
    pub enrolled: usize,
    pub already: usize,
    /// These workspaces were removed themselves.
    pub gone: usize,
}

/// The result for one of several workspaces that are enrolled independently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnrollResult {
    Enrolled(EnrollmentId),
    AlreadyIn,
    /// The workspace does not exist or is removed.
    WorkspaceNotFound,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub workspace: WorkspaceId,
    pub name: String,
    pub external_workspace_id: Option<String>,
    pub enrolled: bool,
}
