//! Workspaces as JSON:API: type `workspace`.

pub mod delete;
pub mod list;
pub mod retrieve;

use crate::api::error::path_id;
use crate::jsonapi::declare::Declaration;
use crate::jsonapi::document::{Resource, optional_timestamp, timestamp};
use crate::jsonapi::error::ErrorObject;
use crate::kernel::id::WorkspaceId;
use crate::resources::workspaces::model::Workspace;

pub static WORKSPACE: Declaration = Declaration {
    kind: "workspace",
    base: "/v1/workspaces",
    writable: &["name", "description", "external_workspace_id", "avatar_color"],
    computed: &["created_at", "updated_at", "deleted_at"],
    to_one: &[],
    to_many: &[],
    filters: &["q"],
    includes: &[],
};

pub fn workspace_resource(workspace: &Workspace) -> Resource {
    Resource {
        declaration: &WORKSPACE,
        id: workspace.id.uuid(),
        attributes: vec![
            ("name", workspace.name.as_str().into()),
            ("description", workspace.description.as_deref().into()),
            ("external_workspace_id", workspace.external_workspace_id.as_deref().into()),
            ("avatar_color", workspace.avatar_color.as_deref().into()),
            ("created_at", timestamp(workspace.created_at)),
            ("updated_at", optional_timestamp(workspace.updated_at)),
            ("deleted_at", optional_timestamp(workspace.deleted_at)),
        ],
        relationships: Vec::new(),
    }
}

fn workspace_id(text: &str) -> Result<WorkspaceId, ErrorObject> {
    path_id(text, WORKSPACE.kind, "WORKSPACE_NOT_FOUND")
}
