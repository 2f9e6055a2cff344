//! The responses of operations. Error responses with the same status and the same codes are shared.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::api::error_code::{self as codes, ErrorCode};
use crate::jsonapi::media_type::{JSON_API, JSON_API_PAGED};
use crate::registry::openapi::operation::Operation;
use crate::registry::openapi::{examples, pascal, reference};

/// The headers of every response.
static ALWAYS: [&str; 3] = ["X-Request-Id", "RateLimit", "RateLimit-Policy"];

fn header_references(names: &[&str]) -> Map<String, Value> {
    let all = ALWAYS.iter().chain(names);
    all.map(|name| ((*name).to_owned(), reference("headers", name))).collect()
}

/// A response with a document of this schema.
pub fn document(about: &str, media_type: &str, schema: &str, example: Value, headers: &[&str]) -> Value {
    json!({
        "description": about,
        "headers": header_references(headers),
        "content": { (media_type): { "schema": reference("schemas", schema), "example": example } },
    })
}

/// A response without a body.
pub fn empty(about: &str, headers: &[&str]) -> Value {
    json!({ "description": about, "headers": header_references(headers) })
}

/// The error responses of these operations, by name.
pub fn shared(operations: &[Operation]) -> Map<String, Value> {
    let all = operations.iter().flat_map(|operation| &operation.errors);
    let by_name: BTreeMap<_, _> =
        all.map(|(status, errors)| (name(*status, errors), (*status, errors))).collect();
    by_name.into_iter().map(|(name, (status, errors))| (name, error_response(status, errors))).collect()
}

/// The name of an error response: the name of its status and, if the status has several codes, its codes.
pub fn name(status: u16, errors: &[&ErrorCode]) -> String {
    let possible: Vec<_> = codes::ALL.iter().filter(|code| code.status == status).collect();
    match (status, possible.as_slice()) {
        (409, _) => format!("Conflict.{}", joined(errors)),
        (422, _) => format!("Unprocessable.{}", joined(errors)),
        (_, [only]) => pascal(&only.code.to_lowercase()),
        (_, all) => {
            let first = all.first().map_or("", |code| code.code);
            format!("{}.{}", pascal(&first.to_lowercase()), joined(errors))
        }
    }
}

fn joined(errors: &[&ErrorCode]) -> String {
    errors.iter().map(|error| error.code).collect::<Vec<_>>().join(".")
}

fn error_response(status: u16, errors: &[&ErrorCode]) -> Value {
    let mut lines: Vec<String> =
        errors.iter().map(|error| format!("- `{}`: {}", error.code, error.about)).collect();
    if status == 400 {
        lines.push("- any other code, if the errors have different statuses".to_owned());
    }
    let example = errors.first().map(|error| examples::error(error));
    let content = json!({ "schema": reference("schemas", "Errors"), "example": example });
    let mut by_type = Map::new();
    by_type.insert(JSON_API.to_owned(), content.clone());
    // This error is defined by the profile, so the profile applies to its document.
    if errors.contains(&&codes::PAGE_SIZE_TOO_LARGE) {
        by_type.insert(JSON_API_PAGED.to_owned(), content);
    }
    let headers: &[&str] = match status {
        401 => &["WWW-Authenticate"],
        400 | 403 | 404 | 409 | 413 | 415 | 422 => &["Idempotency-Replayed"],
        429 | 503 => &["Retry-After"],
        _ => &[],
    };
    json!({ "description": lines.join("\n"), "headers": header_references(headers), "content": by_type })
}
