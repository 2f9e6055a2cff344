//! The words for workspace groups.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::actor::PersonRef;
use crate::kernel::id::{GroupId, PersonId, WorkspaceId};
use crate::kernel::page::{KeyValue, NamedSortKey, Position, Sort, Status};
use crate::kernel::text::Name;
use crate::resources::people::model::{ByPerson, Person};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceGroup {
    pub id: GroupId,
    pub name: String,
    pub created_by: Option<PersonId>,
    pub created_at: DateTime<Utc>,
    pub updated_at: Option<DateTime<Utc>>,
    /// `None`: not removed.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// A group with the person who created it, where that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupWith {
    pub group: WorkspaceGroup,
    pub created_by: Option<Person>,
}

/// A group as lists and headings show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSummary {
    pub group: WorkspaceGroup,
    pub creator: Option<PersonRef>,
    /// How many workspaces are in it now.
    pub live: i64,
}

#[derive(Debug, Clone)]
pub struct NewGroup {
    pub name: Name,
    /// Enrolled at once; twice the same is once.
    pub workspaces: Vec<WorkspaceId>,
}

/// Which groups.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupFilter {
    /// All words of it in the name, or the beginning of the public id.
    pub search: Option<String>,
    pub status: Status,
    pub created_by: Option<ByPerson>,
}

/// Where this group stands in an order.
pub fn group_position(sort: &Sort<NamedSortKey>, group: &WorkspaceGroup) -> Position {
    sort.position(group.id.uuid(), |key| match key {
        NamedSortKey::CreatedAt => KeyValue::Time(Some(group.created_at)),
        NamedSortKey::UpdatedAt => KeyValue::Time(group.updated_at),
        NamedSortKey::DeletedAt => KeyValue::Time(group.deleted_at),
        NamedSortKey::Name => KeyValue::Text(group.name.clone()),
    })
}
