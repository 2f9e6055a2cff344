//! The types of enrollments.

pub mod comparison;
pub mod members;
pub mod removals;
pub mod restore;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::kernel::id::{EnrollmentId, GroupId, PersonId, WorkspaceId};
use crate::kernel::page::{KeyValue, Position, Sort, SortKey, Status, TimeRange};
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
    /// The number of live enrollments of the group, if that was requested.
    pub group_live: Option<i64>,
    /// The name of the workspace as the order by it compares names; set in this order only.
    pub workspace_key: Option<String>,
    /// The same for the name of the group.
    pub group_key: Option<String>,
}

impl EnrollmentWithRelated {
    pub const fn without_related(enrollment: Enrollment) -> Self {
        Self {
            enrollment,
            group: None,
            group_created_by: None,
            workspace: None,
            created_by: None,
            group_live: None,
            workspace_key: None,
            group_key: None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "one for each path that can be included")]
pub struct EnrollmentInclude {
    pub group: bool,
    /// The creator of the group; requires `group`.
    pub group_created_by: bool,
    /// How many live enrollments the group has; requires `group`. The API counts them (`workspace_groups/api`).
    pub group_live: bool,
    pub workspace: bool,
    pub created_by: bool,
}

impl EnrollmentInclude {
    /// Reads the names of the group, the workspace and the creator along.
    pub const NAMES: Self =
        Self { group: true, workspace: true, created_by: true, group_created_by: false, group_live: false };
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
    /// A text that the workspace matches, by the words of its name and external id or by the beginning of its public id,
    /// or that the group matches. With a filter by groups, the names of groups are not searched, and with one by
    /// workspaces those of workspaces are not, because that filter names them already. With both, either may match.
    pub search: Option<String>,
    pub liveness: Liveness,
    pub pair_at: Option<PairAt>,
    /// The workspace is in this group too.
    pub also_in: Option<GroupId>,
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

    /// The words of the orders that these enrollments can be read in. An index has the order of the workspaces' names
    /// within one group. The groups of one workspace are few, so they are sorted when they are read.
    pub fn orders(&self) -> &'static [&'static str] {
        match (self.groups.len(), self.workspaces.len()) {
            (1, 1) => &["created_at", "deleted_at", "workspace.name", "workspace_group.name"],
            (1, _) => &["created_at", "deleted_at", "workspace.name"],
            (2.., 1) => &["created_at", "deleted_at", "workspace_group.name"],
            (2.., _) => &["created_at", "deleted_at"],
            (0, 1) => &["created_at", "workspace_group.name"],
            (0, 2..) => &["created_at"],
            (0, 0) if self.created_by.is_some() => &["created_at"],
            (0, 0) => &["created_at", "updated_at", "deleted_at"],
        }
    }
}

/// The sort keys of enrollments, with their words in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumString, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum EnrollmentSortKey {
    CreatedAt,
    UpdatedAt,
    DeletedAt,
    #[strum(serialize = "workspace.name")]
    WorkspaceName,
    #[strum(serialize = "workspace_group.name")]
    GroupName,
}

impl SortKey for EnrollmentSortKey {
    const TIE: Option<(Self, Self)> = Some((Self::DeletedAt, Self::CreatedAt));
}

pub type EnrollmentSort = Sort<EnrollmentSortKey>;

pub fn enrollment_position(sort: &EnrollmentSort, with: &EnrollmentWithRelated) -> Position {
    let Enrollment { id, created_at, updated_at, deleted_at, .. } = with.enrollment;
    let text = |key: &Option<String>| KeyValue::Text(key.clone().unwrap_or_default());
    sort.position(id.uuid(), |key| match key {
        EnrollmentSortKey::CreatedAt => KeyValue::Time(Some(created_at)),
        EnrollmentSortKey::UpdatedAt => KeyValue::Time(updated_at),
        EnrollmentSortKey::DeletedAt => KeyValue::Time(deleted_at),
        EnrollmentSortKey::WorkspaceName => text(&with.workspace_key),
        EnrollmentSortKey::GroupName => text(&with.group_key),
    })
}

pub fn newest_first() -> EnrollmentSort {
    Sort::descending(EnrollmentSortKey::CreatedAt)
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

/// What a move or copy did: numbers of workspaces. Those `already` in the other group were not enrolled again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MoveSummary {
    pub workspaces: usize,
    pub already: usize,
    pub removed: usize,
}

impl MoveSummary {
    /// Whether the move changed anything.
    pub const fn is_change(&self) -> bool {
        self.removed > 0 || self.already < self.workspaces
    }
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
