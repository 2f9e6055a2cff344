//! The types of workspace groups.

pub mod settings;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::actor::PersonRef;
use crate::kernel::id::{GroupId, PersonId, WorkspaceId};
use crate::kernel::page::{NamedSortKey, Position, Sort, Status};
use crate::kernel::text::Name;
use crate::resources::admin_events::model::Subject;
use crate::resources::people::model::{ByPerson, Person};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceGroup {
    pub id: GroupId,
    pub name: String,
    pub created_by: Option<PersonId>,
    pub created_at: DateTime<Utc>,
    pub updated_at: Option<DateTime<Utc>>,
    /// `None` while it is live.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl WorkspaceGroup {
    pub const fn is_live(&self) -> bool {
        self.deleted_at.is_none()
    }

    pub const fn subject(&self) -> Subject<'_> {
        Subject { id: Some(self.id.uuid()), name: self.name.as_str() }
    }
}

/// A group with its creator, if that was requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupWithCreator {
    pub group: WorkspaceGroup,
    pub created_by: Option<Person>,
    /// The number of its live enrollments, if that was requested.
    pub live: Option<i64>,
}

/// A group as lists and headings on pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSummary {
    pub group: WorkspaceGroup,
    pub creator: Option<PersonRef>,
    /// The number of workspaces that are in it now.
    pub live: i64,
}

#[derive(Debug, Clone)]
pub struct NewGroup {
    pub name: Name,
    /// The workspaces to enroll; duplicates are enrolled once.
    pub workspaces: Vec<WorkspaceId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupFilter {
    /// Matches by all of its words, or by the beginning of the public id.
    pub search: Option<String>,
    pub status: Status,
    pub created_by: Option<ByPerson>,
}

pub fn group_position(sort: &Sort<NamedSortKey>, group: &WorkspaceGroup) -> Position {
    sort.named_position(group.id.uuid(), &group.name, group.created_at, group.updated_at, group.deleted_at)
}
