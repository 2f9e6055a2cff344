//! `/v1/workspace-group-workspaces`

mod create;
mod delete;
mod filters;
mod list;
mod related;
mod retrieve;
mod search;
mod shapes;
mod update;

use serde_json::{Value, json};

/// The complete resource object of an enrollment.
fn resource(id: &str, pair: (&str, &str), created_by: Option<&str>, times: [Option<&str>; 3]) -> Value {
    let this = format!("/v1/workspace-group-workspaces/{id}");
    let relationship = |name: &str, data: Value| {
        json!({
            "data": data,
            "links": {
                "self": format!("{this}/relationships/{name}"),
                "related": format!("{this}/{name}")
            }
        })
    };
    let person = created_by.map(|id| json!({ "type": "people", "id": id }));
    json!({
        "type": "workspace_group_workspace",
        "id": id,
        "attributes": { "created_at": times[0], "updated_at": times[1], "deleted_at": times[2] },
        "relationships": {
            "workspace_group": relationship("workspace_group", json!({ "type": "workspace_group", "id": pair.0 })),
            "workspace": relationship("workspace", json!({ "type": "workspace", "id": pair.1 })),
            "created_by": relationship("created_by", json!(person))
        },
        "links": { "self": this }
    })
}
