//! The responses of operations. Error responses with the same status and the same codes are shared.

use serde_json::{Map, Value, json};

use crate::api::error_code::{self as codes, ErrorCode};
use crate::jsonapi::media_type::{JSON_API, JSON_API_PAGED};
use crate::registry::openapi::paths::Operation;
use crate::registry::openapi::{examples, pascal, reference};

pub fn document(about: &str, media_type: &str, schema: &str, example: Value, headers: &[&str]) -> Value {
    let mut response = empty(about, headers);
    response["content"] =
        json!({ (media_type): { "schema": reference("schemas", schema), "example": example } });
    response
}

/// The first headers are those of every response.
pub fn empty(about: &str, headers: &[&str]) -> Value {
    let headers = ["X-Request-Id", "RateLimit", "RateLimit-Policy"].iter().chain(headers);
    let headers: Map<String, Value> =
        headers.map(|name| ((*name).to_owned(), reference("headers", name))).collect();
    json!({ "description": about, "headers": headers })
}

pub fn shared(operations: &[Operation]) -> Map<String, Value> {
    let all = operations.iter().flat_map(Operation::errors_by_status);
    all.map(|errors| (name(&errors), error_response(&errors))).collect()
}

/// The name of the status and, if the status has several codes, the codes.
pub fn name(errors: &[&ErrorCode]) -> String {
    let status = errors[0].status;
    let all: Vec<_> = codes::ALL.iter().filter(|code| code.status == status).collect();
    let base = match status {
        409 => "Conflict".to_owned(),
        422 => "Unprocessable".to_owned(),
        _ => pascal(&all[0].code.to_lowercase()),
    };
    if all.len() == 1 {
        return base;
    }
    let codes: Vec<&str> = errors.iter().map(|error| error.code).collect();
    format!("{base}.{}", codes.join("."))
}

fn error_response(errors: &[&'static ErrorCode]) -> Value {
    let status = errors[0].status;
    let mut lines: Vec<String> =
        errors.iter().map(|error| format!("- `{}`: {}", error.code, error.about)).collect();
    if status == 400 {
        lines.push("- any other code, if the errors have different statuses".to_owned());
    }
    let headers: &[&str] = match status {
        401 => &["WWW-Authenticate"],
        400 | 403 | 404 | 409 | 413 | 415 | 422 => &["Idempotency-Replayed"],
        429 | 503 => &["Retry-After"],
        _ => &[],
    };
    let mut response = document(&lines.join("\n"), JSON_API, "Errors", examples::error(errors[0]), headers);
    // This error is defined by the profile, so the profile applies to its document.
    if errors.contains(&&codes::PAGE_SIZE_TOO_LARGE) {
        response["content"][JSON_API_PAGED] = response["content"][JSON_API].clone();
    }
    response
}
