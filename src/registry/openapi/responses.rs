//! What requests are answered with. Refusals are told apart by their status and by the codes that can
//! stand in them, so those that are the same everywhere are said once.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::jsonapi::media_type::{JSON_API, JSON_API_PAGED};
use crate::registry::openapi::codes;
use crate::registry::openapi::codes::CODES;
use crate::registry::openapi::operation::Operation;
use crate::registry::openapi::{examples, reference};

/// On every answer.
static ALWAYS: [&str; 3] = ["X-Request-Id", "RateLimit", "RateLimit-Policy"];

pub fn headers() -> Value {
    let header = |about: &str, schema: Value| json!({ "description": about, "schema": schema });
    let text = |about: &str, pattern: &str| header(about, json!({ "type": "string", "pattern": pattern }));
    let seconds = |about: &str| header(about, json!({ "type": "integer", "minimum": 0 }));
    let mut request_id = text("Names the request, also in the log.", "^[0-9a-f]{32}$");
    request_id["required"] = true.into();
    json!({
        "X-Request-Id": request_id,
        "RateLimit": text(
            "How many requests the token has left, and in how many seconds it has all of them again. Not \
             there where the desk has no limit.",
            "^\"token\";r=[0-9]+;t=[0-9]+$",
        ),
        "RateLimit-Policy": text(
            "How many requests the token may make in how many seconds.",
            "^\"token\";q=[0-9]+;w=[0-9]+$",
        ),
        "ETag": text("The state of the resource, for `If-Match` and `If-None-Match`.", "^\"[^\"]+\"$"),
        "Location": text("The address of the new resource, the same as `data.links.self`.", "^/v1/"),
        "Idempotency-Replayed": text(
            "There where this is the answer to an earlier request with the same key.",
            "^true$",
        ),
        "Retry-After": seconds("In how many seconds to try again."),
        "WWW-Authenticate": text("How to say who asks.", "^Bearer$"),
    })
}

fn header_references(names: &[&str]) -> Map<String, Value> {
    let all = ALWAYS.iter().chain(names);
    all.map(|name| ((*name).to_owned(), reference("headers", name))).collect()
}

/// A document of this schema.
pub fn document(about: &str, media_type: &str, schema: &str, example: Value, headers: &[&str]) -> Value {
    json!({
        "description": about,
        "headers": header_references(headers),
        "content": { (media_type): { "schema": reference("schemas", schema), "example": example } },
    })
}

/// No document.
pub fn empty(about: &str, headers: &[&str]) -> Value {
    json!({ "description": about, "headers": header_references(headers) })
}

/// Every refusal that these operations name.
pub fn shared(operations: &[Operation]) -> Map<String, Value> {
    let mut all = BTreeMap::new();
    for operation in operations {
        for (status, codes) in &operation.refusals {
            all.entry(name(*status, codes)).or_insert_with(|| refusal(*status, codes));
        }
    }
    all.into_iter().collect()
}

/// What a refusal is called: by its status and, where that does not say it all, its codes.
pub fn name(status: u16, codes: &[&str]) -> String {
    let phrase = phrase(status);
    let possible = CODES.iter().filter(|code| code.status == status).count();
    if possible == 1 { phrase.to_owned() } else { format!("{phrase}.{}", codes.join(".")) }
}

const fn phrase(status: u16) -> &'static str {
    match status {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        406 => "NotAcceptable",
        408 => "RequestTimeout",
        409 => "Conflict",
        412 => "PreconditionFailed",
        413 => "PayloadTooLarge",
        414 => "UriTooLong",
        415 => "UnsupportedMediaType",
        422 => "Unprocessable",
        429 => "RateLimited",
        431 => "HeadersTooLarge",
        503 => "Unavailable",
        _ => "InternalError",
    }
}

fn refusal(status: u16, codes: &[&str]) -> Value {
    let known: Vec<_> = codes.iter().filter_map(|code| codes::named(code)).collect();
    let mut lines: Vec<String> =
        known.iter().map(|code| format!("- `{}`: {}", code.code, code.about)).collect();
    if status == 400 {
        lines.push("- any other code, where errors of several statuses are told together".to_owned());
    }
    let example = known.first().map(|code| examples::error(code));
    let content = json!({ "schema": reference("schemas", "Errors"), "example": example });
    let mut by_type = Map::new();
    by_type.insert(JSON_API.to_owned(), content.clone());
    // Some errors of pages are the profile's own, and then it applies to their document.
    if codes.contains(&"PAGE_SIZE_TOO_LARGE") {
        by_type.insert(JSON_API_PAGED.to_owned(), content);
    }
    json!({
        "description": lines.join("\n"),
        "headers": header_references(more_headers(status)),
        "content": by_type,
    })
}

const fn more_headers(status: u16) -> &'static [&'static str] {
    match status {
        401 => &["WWW-Authenticate"],
        400 | 403 | 404 | 409 | 413 | 415 | 422 => &["Idempotency-Replayed"],
        429 | 503 => &["Retry-After"],
        _ => &[],
    }
}
