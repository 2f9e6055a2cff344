//! The words for workspaces.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::id::WorkspaceId;
use crate::kernel::page::{KeyValue, Position, Sort, SortWord, Status};
use crate::kernel::patch::Patch;
use crate::kernel::text::{Description, Name, Word};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    pub description: Option<String>,
    pub external_workspace_id: Option<String>,
    pub avatar_color: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: Option<DateTime<Utc>>,
    /// `None`: not removed.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Which workspaces.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkspaceFilter {
    /// Part of the name, whatever the case.
    pub search: Option<String>,
    pub external_workspace_id: Option<String>,
    pub status: Status,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkspaceSortKey {
    CreatedAt,
    UpdatedAt,
    DeletedAt,
    Name,
}

impl SortWord for WorkspaceSortKey {
    const ALL: &'static [Self] = &[Self::CreatedAt, Self::UpdatedAt, Self::DeletedAt, Self::Name];

    fn word(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::DeletedAt => "deleted_at",
            Self::Name => "name",
        }
    }
}

/// Where this workspace stands in an order.
pub fn workspace_position(sort: &Sort<WorkspaceSortKey>, workspace: &Workspace) -> Position {
    sort.position(workspace.id.uuid(), |key| match key {
        WorkspaceSortKey::CreatedAt => KeyValue::Time(Some(workspace.created_at)),
        WorkspaceSortKey::UpdatedAt => KeyValue::Time(workspace.updated_at),
        WorkspaceSortKey::DeletedAt => KeyValue::Time(workspace.deleted_at),
        WorkspaceSortKey::Name => KeyValue::Text(workspace.name.clone()),
    })
}

#[derive(Debug, Clone)]
pub struct NewWorkspace {
    pub name: Name,
    pub description: Option<Description>,
    pub external_workspace_id: Option<Word>,
    pub avatar_color: Option<Word>,
}

/// What is to change of a workspace.
#[derive(Debug, Clone)]
pub struct WorkspaceChange {
    pub name: Option<Name>,
    pub description: Patch<Description>,
    pub external_workspace_id: Patch<Word>,
    pub avatar_color: Patch<Word>,
}
