//! Request documents of API clients.

use serde_json::{Value, json};

/// The document that creates an enrollment.
pub fn enrollment(group: &str, workspace: &str) -> Value {
    json!({ "data": {
        "type": "workspace_group_workspace",
        "relationships": {
            "workspace_group": { "data": { "type": "workspace_group", "id": group } },
            "workspace": { "data": { "type": "workspace", "id": workspace } }
        }
    }})
}
