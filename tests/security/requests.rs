//! The request of each row of the matrix, except server functions.

use reqwest::multipart::Form;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::access::Row;
use super::callers::Caller;
use super::fixtures::Fixtures;
use crate::support::{JSON_API, TestApp, enrollment};

const ATOMIC: &str = "application/vnd.api+json;ext=\"https://jsonapi.org/ext/atomic\"";

/// The path with ids as parameters, and with a query if the page needs one.
pub(super) fn path(row: &Row, fixtures: &Fixtures) -> String {
    let removes = row.method == Method::DELETE;
    let path = row.path.trim_start_matches("/v1");
    let id = match path.split('/').nth(1).unwrap() {
        "workspace-group-workspaces" | "enrollments" => &fixtures.enrollment,
        "workspace-groups" if removes && path.ends_with("{id}") => &fixtures.empty_group,
        "workspace-groups" | "groups" => &fixtures.group,
        "workspaces" if removes && path.ends_with("{id}") => &fixtures.free_workspace,
        "workspaces" => &fixtures.workspace,
        "people" => &fixtures.person,
        "enrollment-events" => &fixtures.event,
        "admin-events" => &fixtures.admin_event,
        "audit" | "change-sets" => &fixtures.change_set,
        "tokens" => &fixtures.token,
        "operators" => &fixtures.operator,
        _ => "",
    };
    let import =
        if path.ends_with("result.csv") { &fixtures.finished_import } else { &fixtures.prepared_import };
    let name = row.variant.strip_prefix("of ").unwrap_or(if row.path.contains("admin-events") {
        "actor"
    } else {
        "workspace"
    });
    let filled = row
        .path
        .replace("{id}", id)
        .replace("{workspace_id}", &fixtures.workspace)
        .replace("{name}", name)
        .replace("{import}", import)
        .replace("{change}", "disable")
        .replace("{secret}", &fixtures.link)
        .replace("{part}", "errors")
        .replace("{*path}", "groupdesk.css")
        .replace("{file of public/}", "favicon.svg")
        .replace("{anything else}", "nothing/here");
    assert!(!filled.contains('{'), "a parameter without a value: {filled}");
    format!("{filled}{}", query(row, fixtures))
}

fn query(row: &Row, fixtures: &Fixtures) -> String {
    let group = &fixtures.group;
    match row.path.as_str() {
        "/live" => format!("?topic={}", row.variant.strip_prefix("of ").unwrap_or("groups")),
        "/groups/{id}/removals" => "?all=yes".to_owned(),
        "/groups/{id}/move" => format!("?e={}", fixtures.enrollment),
        "/groups/{id}/restore" => "?as_of=2026-05-01T12:00:00Z".to_owned(),
        "/groups/{id}/readditions" => "?from=2000-01-01T00:00:00Z".to_owned(),
        "/find" => format!("?page=/groups/{group}&q=hush"),
        "/audit/go" => format!("?view=/audit&group={group}"),
        path if path.starts_with("/audit/as-of/") => format!("?group={group}&at=2026-05-01T12:00:00Z"),
        path if path.starts_with("/audit/compare/") => {
            format!("?group={group}&earlier=2026-04-01T12:00:00Z&later=2026-05-01T12:00:00Z")
        }
        _ => String::new(),
    }
}

/// The complete request of this caller.
pub(super) fn request(app: &TestApp, caller: &Caller, row: &Row, fixtures: &Fixtures) -> RequestBuilder {
    let request = caller.ask(app, &row.method, &path(row, fixtures));
    if row.path == "/groups/{id}/bulk" && row.method == Method::POST {
        let form = Form::new().text("pasted", fixtures.free_workspace.clone());
        return request.header("sec-fetch-site", "same-origin").multipart(form);
    }
    match document(row, fixtures) {
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

/// The body, if the request has one.
fn document(row: &Row, fixtures: &Fixtures) -> Option<Value> {
    let created_by = json!({ "created_by": { "data": identifier("people", &fixtures.person) } });
    let creator_change = || {
        json!({
            "type": "workspace_group_workspace",
            "id": fixtures.enrollment,
            "relationships": created_by,
        })
    };
    let (is_new, name) = (row.method == Method::POST, json!({ "name": "Hush, renamed" }));
    let body = match (&row.method, row.path.as_str(), row.variant.as_str()) {
        (&Method::GET, ..) => return None,
        (_, "/v1/workspace-group-workspaces", "") => enrollment(&fixtures.group, &fixtures.free_workspace),
        (_, "/v1/workspace-group-workspaces", _) => {
            let mut body = enrollment(&fixtures.group, &fixtures.free_workspace);
            body["data"]["relationships"]["created_by"] = created_by["created_by"].clone();
            body
        }
        (&Method::PATCH, "/v1/workspace-group-workspaces/{id}", _) => json!({ "data": creator_change() }),
        (_, "/v1/workspace-group-workspaces/{id}/relationships/{name}", "of created_by") => {
            created_by["created_by"].clone()
        }
        (_, "/v1/workspace-groups" | "/v1/workspace-groups/{id}", _) => {
            resource("workspace_group", (!is_new).then_some(&fixtures.group), name)
        }
        (_, "/v1/workspaces" | "/v1/workspaces/{id}", _) => {
            resource("workspace", (!is_new).then_some(&fixtures.workspace), name)
        }
        (_, "/v1/people" | "/v1/people/{id}", _) => resource(
            "people",
            (!is_new).then_some(&fixtures.person),
            json!({ "first_name": "Hush", "last_name": "Renamed" }),
        ),
        (&Method::POST, "/v1/workspace-groups/{id}/relationships/workspaces", _) => {
            json!({ "data": [identifier("workspace", &fixtures.free_workspace)] })
        }
        (&Method::DELETE, "/v1/workspace-groups/{id}/relationships/workspaces", _) => {
            json!({ "data": [identifier("workspace", &fixtures.workspace)] })
        }
        (&Method::POST, "/v1/workspace-groups/{id}/moves", _) => json!({
            "data": [identifier("workspace", &fixtures.workspace)],
            "meta": { "to": fixtures.empty_group },
        }),
        (&Method::POST, "/v1/workspace-groups/{id}/restores", _) => {
            json!({ "meta": { "as_of": "2026-05-01T12:00:00Z" } })
        }
        (&Method::POST, "/v1/change-sets/{id}/undo", _) => json!({ "meta": {} }),
        (&Method::POST, "/v1/workspace-groups/{id}/workspaces", _) => {
            json!({ "data": identifier("workspace", &fixtures.free_workspace) })
        }
        (_, "/v1/operations", variant) => {
            let operation = if variant.contains("attribution") {
                json!({ "op": "update", "data": creator_change() })
            } else {
                let group = json!({ "type": "workspace_group", "attributes": name });
                json!({ "op": "add", "data": group })
            };
            json!({ "atomic:operations": [operation] })
        }
        // Requests that are refused for every caller need no valid body, and some have none.
        _ => return None,
    };
    (row.method != Method::DELETE || body["data"].is_array()).then_some(body)
}
