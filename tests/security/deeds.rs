//! For each row of the matrix but the server functions': the request that does what it says.

use reqwest::multipart::Form;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::access::Row;
use super::callers::Caller;
use super::things::Things;
use crate::support::{Desk, JSON_API, enrollment};

const ATOMIC: &str = "application/vnd.api+json;ext=\"https://jsonapi.org/ext/atomic\"";

/// The path with ids for its parameters, and a query where there is nothing to see without one.
pub(super) fn path(row: &Row, things: &Things) -> String {
    let removes = row.method == Method::DELETE;
    let path = row.path.trim_start_matches("/v1");
    let id = match path.split('/').nth(1).unwrap() {
        "workspace-group-workspaces" | "enrollments" => &things.enrollment,
        "workspace-groups" if removes && path.ends_with("{id}") => &things.empty_group,
        "workspace-groups" | "groups" => &things.group,
        "workspaces" if removes && path.ends_with("{id}") => &things.free_workspace,
        "workspaces" => &things.workspace,
        "people" => &things.person,
        "enrollment-events" => &things.event,
        "tokens" => &things.token,
        "operators" => &things.operator,
        _ => "",
    };
    let import = if path.ends_with("result.csv") { &things.finished_import } else { &things.prepared_import };
    let name = row.deed.strip_prefix("of ").unwrap_or("workspace");
    let filled = row
        .path
        .replace("{id}", id)
        .replace("{workspace_id}", &things.workspace)
        .replace("{name}", name)
        .replace("{import}", import)
        .replace("{change}", "disable")
        .replace("{secret}", &things.link)
        .replace("{*path}", "groupdesk.css")
        .replace("{file of public/}", "favicon.svg")
        .replace("{anything else}", "nothing/here");
    assert!(!filled.contains('{'), "a parameter without a value: {filled}");
    format!("{filled}{}", query(row, things))
}

fn query(row: &Row, things: &Things) -> String {
    let group = &things.group;
    match row.path.as_str() {
        "/live" => format!("?topic={}", row.deed.strip_prefix("of ").unwrap_or("groups")),
        "/groups/{id}/removals" => "?all=yes".to_owned(),
        "/audit/go" => format!("?view=/audit&group={group}"),
        path if path.starts_with("/audit/as-of/") => format!("?group={group}&at=2026-05-01T12:00:00Z"),
        path if path.starts_with("/audit/compare/") => {
            format!("?group={group}&earlier=2026-04-01T12:00:00Z&later=2026-05-01T12:00:00Z")
        }
        _ => String::new(),
    }
}

/// The whole request of this caller.
pub(super) fn request(desk: &Desk, caller: &Caller, row: &Row, things: &Things) -> RequestBuilder {
    let request = caller.ask(desk, &row.method, &path(row, things));
    if row.path == "/groups/{id}/bulk" && row.method == Method::POST {
        let form = Form::new().text("pasted", things.free_workspace.clone());
        return request.header("sec-fetch-site", "same-origin").multipart(form);
    }
    match document(row, things) {
        Some(document) if row.path == "/v1/operations" => {
            request.header("content-type", ATOMIC).body(document.to_string())
        }
        Some(document) => request.header("content-type", JSON_API).body(document.to_string()),
        None => request,
    }
}

fn identifier(kind: &str, id: &str) -> Value {
    json!({ "type": kind, "id": id })
}

fn resource(kind: &str, id: Option<&str>, attributes: Value) -> Value {
    let mut data = json!({ "type": kind, "attributes": attributes });
    if let Some(id) = id {
        data["id"] = json!(id);
    }
    json!({ "data": data })
}

/// What is sent; nothing for what has no body.
fn document(row: &Row, things: &Things) -> Option<Value> {
    let created_by = json!({ "created_by": { "data": identifier("people", &things.person) } });
    let corrected = || {
        json!({
            "type": "workspace_group_workspace",
            "id": things.enrollment,
            "relationships": created_by,
        })
    };
    let (is_new, name) = (row.method == Method::POST, json!({ "name": "Hush, renamed" }));
    let body = match (&row.method, row.path.as_str(), row.deed.as_str()) {
        (&Method::GET, ..) => return None,
        (_, "/v1/workspace-group-workspaces", "") => enrollment(&things.group, &things.free_workspace),
        (_, "/v1/workspace-group-workspaces", _) => {
            let mut body = enrollment(&things.group, &things.free_workspace);
            body["data"]["relationships"]["created_by"] = created_by["created_by"].clone();
            body
        }
        (&Method::PATCH, "/v1/workspace-group-workspaces/{id}", _) => json!({ "data": corrected() }),
        (_, "/v1/workspace-group-workspaces/{id}/relationships/{name}", "of created_by") => {
            created_by["created_by"].clone()
        }
        (_, "/v1/workspace-groups" | "/v1/workspace-groups/{id}", _) => {
            resource("workspace_group", (!is_new).then_some(&things.group), name)
        }
        (_, "/v1/workspaces" | "/v1/workspaces/{id}", _) => {
            resource("workspace", (!is_new).then_some(&things.workspace), name)
        }
        (_, "/v1/people" | "/v1/people/{id}", _) => resource(
            "people",
            (!is_new).then_some(&things.person),
            json!({ "first_name": "Hush", "last_name": "Renamed" }),
        ),
        (&Method::POST, "/v1/workspace-groups/{id}/relationships/workspaces", _) => {
            json!({ "data": [identifier("workspace", &things.free_workspace)] })
        }
        (&Method::DELETE, "/v1/workspace-groups/{id}/relationships/workspaces", _) => {
            json!({ "data": [identifier("workspace", &things.workspace)] })
        }
        (&Method::POST, "/v1/workspace-groups/{id}/workspaces", _) => {
            json!({ "data": identifier("workspace", &things.free_workspace) })
        }
        (_, "/v1/operations", deed) => {
            let operation = if deed.contains("attribution") {
                json!({ "op": "update", "data": corrected() })
            } else {
                let group = json!({ "type": "workspace_group", "attributes": name });
                json!({ "op": "add", "data": group })
            };
            json!({ "atomic:operations": [operation] })
        }
        // What is refused whoever asks is refused whatever it says; and the bodiless ones.
        _ => return None,
    };
    (row.method != Method::DELETE || body["data"].is_array()).then_some(body)
}
