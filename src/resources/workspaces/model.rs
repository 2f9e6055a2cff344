//! The words for workspaces.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::id::WorkspaceId;
use crate::kernel::page::{KeyValue, Position};

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

impl Workspace {
    /// Where it stands among workspaces, newest first.
    pub fn position(&self) -> Position {
        Position { keys: vec![KeyValue::Time(Some(self.created_at))], id: self.id.uuid() }
    }
}

/// Which workspaces, of those not removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkspaceFilter {
    /// Part of the name, whatever the case.
    pub search: Option<String>,
}
