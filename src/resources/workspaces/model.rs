//! The types of workspaces.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::id::WorkspaceId;
use crate::kernel::page::{NamedSortKey, Position, Sort, Status};
use crate::kernel::patch::Patch;
use crate::kernel::text::{Description, Name, ShortText};
use crate::resources::admin_events::model::Subject;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    pub description: Option<String>,
    pub external_workspace_id: Option<String>,
    pub avatar_color: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: Option<DateTime<Utc>>,
    /// `None` while it is live.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl Workspace {
    pub const fn is_live(&self) -> bool {
        self.deleted_at.is_none()
    }

    pub const fn subject(&self) -> Subject<'_> {
        Subject { id: Some(self.id.uuid()), name: self.name.as_str() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkspaceFilter {
    /// Matches by all of its words, or by the beginning of the external or the public id.
    pub search: Option<String>,
    pub external_workspace_id: Option<String>,
    pub status: Status,
    /// True for workspaces that are in a group now, false for the others.
    pub grouped: Option<bool>,
}

/// A workspace as lists on pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceSummary {
    pub workspace: Workspace,
    /// The number of groups that it is in now.
    pub groups: i64,
}

pub fn workspace_position(sort: &Sort<NamedSortKey>, workspace: &Workspace) -> Position {
    let Workspace { id, name, created_at, updated_at, deleted_at, .. } = workspace;
    sort.named_position(id.uuid(), name, *created_at, *updated_at, *deleted_at)
}

#[derive(Debug, Clone)]
pub struct NewWorkspace {
    pub name: Name,
    pub description: Option<Description>,
    pub external_workspace_id: Option<ShortText>,
    pub avatar_color: Option<ShortText>,
}

/// A change; an absent name stays.
#[derive(Debug, Clone)]
pub struct WorkspaceChange {
    pub name: Option<Name>,
    pub description: Patch<Description>,
    pub external_workspace_id: Patch<ShortText>,
    pub avatar_color: Patch<ShortText>,
}

impl WorkspaceChange {
    pub fn applied_to(self, mut workspace: Workspace) -> Workspace {
        if let Some(name) = self.name {
            name.as_str().clone_into(&mut workspace.name);
        }
        let text = |text: ShortText| text.as_str().to_owned();
        let description = self.description.map(|text| text.as_str().to_owned());
        workspace.description = description.apply_to(workspace.description);
        workspace.external_workspace_id =
            self.external_workspace_id.map(text).apply_to(workspace.external_workspace_id);
        workspace.avatar_color = self.avatar_color.map(text).apply_to(workspace.avatar_color);
        workspace
    }
}
