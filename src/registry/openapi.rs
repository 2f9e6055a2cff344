//! The machine-readable description of the API (OpenAPI 3.1).
//!
//! It is made from the declarations that the serving code reads, so a type, an attribute or a filter is
//! said once and cannot be told otherwise here. What no declaration says (which conflicts a write meets,
//! the convenience edges, atomic operations) stands in `special` and `atomic`. A hand-written document
//! was rejected: it would be true on the day it was written.

mod atomic;
mod bodies;
mod codes;
mod examples;
mod forms;
mod introduction;
mod operation;
mod parameters;
mod paths;
mod responses;
mod schemas;
mod special;

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

pub(super) use crate::registry::openapi::codes::{CODES, ErrorCode};
pub(super) use crate::registry::openapi::examples::error as error_example;
use crate::registry::openapi::operation::Operation;
use crate::registry::types::TYPES;

/// Where it is served.
pub const ADDRESS: &str = "/v1/openapi.json";
const MEDIA_TYPE: &str = "application/vnd.oai.openapi+json;version=3.1";

static VALUE: LazyLock<Value> = LazyLock::new(build);
static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}", *VALUE));

/// The document as it is sent and printed: indented, its members sorted by name.
pub fn text() -> &'static str {
    &TEXT
}

pub fn value() -> &'static Value {
    &VALUE
}

/// `GET /v1/openapi.json`: for anybody.
pub async fn document() -> Response {
    let headers = [(header::CONTENT_TYPE, MEDIA_TYPE), (header::CACHE_CONTROL, "public, max-age=300")];
    (headers, text()).into_response()
}

fn build() -> Value {
    let operations: Vec<Operation> = paths::of_types().into_iter().chain(special::all()).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "groupdesk API",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Which workspaces are, and were, in which workspace groups.",
            "description": introduction::text(),
        },
        "servers": [{ "url": "/" }],
        "security": [{ "bearer": [] }],
        "tags": tags(),
        "components": {
            "schemas": schemas::all(),
            "parameters": parameters::all(),
            "headers": responses::headers(),
            "responses": responses::shared(&operations),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token that an administrator made. Its scopes are `read` (every GET), \
                                    `write` (every flow) and `pipeline` (to say in whose name an enrollment \
                                    stands); the other two imply `read`.",
                },
            },
        },
        "paths": path_items(operations),
    })
}

fn tags() -> Vec<Value> {
    let tag = |name: String, about: &str| json!({ "name": name, "description": about });
    let nouns = TYPES.iter().map(|resource_type| tag(paths::tag(resource_type), resource_type.about));
    let others = special::TAGS.iter().map(|&(name, about)| tag(name.to_owned(), about));
    nouns.chain(others).collect()
}

fn path_items(operations: Vec<Operation>) -> Map<String, Value> {
    let mut items = Map::new();
    for operation in operations {
        let (path, method) = (operation.path.clone(), operation.method);
        let item = items.entry(path).or_insert_with(|| json!({}));
        item[method] = operation.into_value();
    }
    items
}

/// A part of the document that is said elsewhere in it.
fn reference(part: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{part}/{name}") })
}

/// A type's name as the names of schemas have it: `WorkspaceGroup`.
fn pascal(kind: &str) -> String {
    let mut name = String::with_capacity(kind.len());
    for word in kind.split('_') {
        name.push_str(&capitalized(word));
    }
    name
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
