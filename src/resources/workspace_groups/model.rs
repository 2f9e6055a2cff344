//! The words for workspace groups.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::actor::PersonRef;
use crate::kernel::id::{GroupId, PersonId, WorkspaceId};
use crate::kernel::page::{KeyValue, Position};
use crate::kernel::text::Name;

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

impl WorkspaceGroup {
    /// Where it stands among groups, newest first.
    pub fn position(&self) -> Position {
        Position { keys: vec![KeyValue::Time(Some(self.created_at))], id: self.id.uuid() }
    }
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

/// Which groups, of those not removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupFilter {
    /// Part of the name, whatever the case.
    pub search: Option<String>,
}
