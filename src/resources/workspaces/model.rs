//! The words for workspaces.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::id::WorkspaceId;
use crate::kernel::page::{KeyValue, NamedSortKey, Position, Sort, Status};
use crate::kernel::patch::Patch;
use crate::kernel::text::{Description, Name, ShortText};

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
    /// All words of it in the name, or the beginning of the external or the public id.
    pub search: Option<String>,
    pub external_workspace_id: Option<String>,
    pub status: Status,
    /// Is it in a group now?
    pub grouped: Option<bool>,
}

/// A workspace as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceSummary {
    pub workspace: Workspace,
    /// In how many groups it is now.
    pub groups: i64,
}

/// Where this workspace stands in an order.
pub fn workspace_position(sort: &Sort<NamedSortKey>, workspace: &Workspace) -> Position {
    sort.position(workspace.id.uuid(), |key| match key {
        NamedSortKey::CreatedAt => KeyValue::Time(Some(workspace.created_at)),
        NamedSortKey::UpdatedAt => KeyValue::Time(workspace.updated_at),
        NamedSortKey::DeletedAt => KeyValue::Time(workspace.deleted_at),
        NamedSortKey::Name => KeyValue::Text(workspace.name.clone()),
    })
}

#[derive(Debug, Clone)]
pub struct NewWorkspace {
    pub name: Name,
    pub description: Option<Description>,
    pub external_workspace_id: Option<ShortText>,
    pub avatar_color: Option<ShortText>,
}

/// What is to change of a workspace.
#[derive(Debug, Clone)]
pub struct WorkspaceChange {
    pub name: Option<Name>,
    pub description: Patch<Description>,
    pub external_workspace_id: Patch<ShortText>,
    pub avatar_color: Patch<ShortText>,
}
