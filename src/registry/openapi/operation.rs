//! An operation of the document, built step by step.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::api::error_code::{self as codes, ErrorCode};
use crate::jsonapi::media_type::JSON_API;
use crate::registry::openapi::{parameters, reference, responses};

/// The descriptions of operations, as sections headed by their ids.
const DESCRIPTIONS: &str = include_str!("operations.md");

pub struct Operation {
    pub path: String,
    /// In lower case, as in the document.
    pub method: &'static str,
    /// The possible errors of each status, in the order of [`codes::ALL`].
    pub errors: BTreeMap<u16, Vec<&'static ErrorCode>>,
    value: Value,
}

impl Operation {
    /// An operation with its section of `operations.md` and the errors that all operations share.
    pub fn new(method: &'static str, path: String, id: &str, tag: &str) -> Self {
        let value = json!({ "operationId": id, "tags": [tag], "parameters": [], "responses": {} });
        let operation = Self { path, method, errors: BTreeMap::new(), value }
            .described(section(id))
            .fails_with(&[&codes::BAD_REQUEST, &codes::INVALID_QUERY_PARAMETER, &codes::UNAUTHORIZED])
            .fails_with(&[&codes::NOT_ACCEPTABLE, &codes::URI_TOO_LONG, &codes::RATE_LIMITED])
            .fails_with(&[&codes::HEADERS_TOO_LARGE, &codes::INTERNAL_ERROR, &codes::UNAVAILABLE])
            .fails_with(&[&codes::FORBIDDEN]);
        if method == "get" {
            return operation;
        }
        // The server reads the body of every change, even if the operation ignores it (`api/retry.rs`).
        let change =
            operation.scoped(&["write"]).fails_with(&[&codes::REQUEST_TIMEOUT, &codes::PAYLOAD_TOO_LARGE]);
        if method == "post" {
            change
                .takes(vec![parameters::named("IdempotencyKey")])
                .fails_with(&[&codes::IDEMPOTENCY_KEY_IN_USE, &codes::IDEMPOTENCY_KEY_REUSED])
        } else {
            change
        }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.value[name] = value.into();
        self
    }

    pub fn titled(self, summary: String) -> Self {
        self.with("summary", summary)
    }

    /// Sets the description, unless `about` is empty.
    pub fn described(self, about: &str) -> Self {
        if about.is_empty() { self } else { self.with("description", about) }
    }

    /// Each of the scopes suffices.
    pub fn scoped(self, scopes: &[&str]) -> Self {
        self.with("security", scopes.iter().map(|scope| json!({ "bearer": [scope] })).collect::<Value>())
    }

    pub fn takes(mut self, parameters: Vec<Value>) -> Self {
        if let Value::Array(all) = &mut self.value["parameters"] {
            all.extend(parameters);
        }
        self
    }

    /// Adds a body and the errors of a malformed or invalid one.
    pub fn body(self, media_type: &str, schema: Value, example: Value) -> Self {
        let content = json!({ (media_type): { "schema": schema, "example": example } });
        self.with("requestBody", json!({ "required": true, "content": content })).fails_with(&[
            &codes::INVALID_JSON,
            &codes::UNSUPPORTED_MEDIA_TYPE,
            &codes::VALIDATION_ERROR,
        ])
    }

    pub fn document(self, schema: Value, example: Value) -> Self {
        self.body(JSON_API, schema, example)
    }

    pub fn fails_with(mut self, errors: &[&'static ErrorCode]) -> Self {
        for &error in errors {
            let of_status = self.errors.entry(error.status).or_default();
            of_status.push(error);
            of_status.sort_by_key(|code| codes::ALL.iter().position(|known| known == code));
            of_status.dedup();
        }
        self
    }

    pub fn returns(mut self, status: u16, response: Value) -> Self {
        self.value["responses"][status.to_string()] = response;
        self
    }

    pub fn returns_resource(self, about: &str, schema: &str, example: Value) -> Self {
        self.returns(200, responses::document(about, JSON_API, schema, example, &["ETag"]))
    }

    pub fn returns_created(self, about: &str, schema: &str, example: Value) -> Self {
        let headers = ["ETag", "Location", "Idempotency-Replayed"];
        self.returns(201, responses::document(about, JSON_API, schema, example, &headers))
    }

    /// Returns a resource, or 304 if the client has it.
    pub fn returns_cacheable(self, about: &str, schema: &str, example: Value) -> Self {
        let unchanged =
            responses::empty("Not modified: the `ETag` is one of those in `If-None-Match`.", &["ETag"]);
        self.takes(vec![parameters::named("IfNoneMatch")])
            .returns_resource(about, schema, example)
            .returns(304, unchanged)
    }

    pub fn returns_nothing(self, about: &str) -> Self {
        let headers: &[&str] = if self.method == "post" { &["Idempotency-Replayed"] } else { &[] };
        self.returns(204, responses::empty(about, headers))
    }

    pub fn into_value(mut self) -> Value {
        for (status, errors) in &self.errors {
            let name = responses::name(*status, errors);
            self.value["responses"][status.to_string()] = reference("responses", &name);
        }
        self.value
    }
}

/// The section of `operations.md` about this operation; empty if there is none.
fn section(id: &str) -> &'static str {
    let mut sections = DESCRIPTIONS.split("## ");
    let text = sections.find_map(|section| section.strip_prefix(id)?.strip_prefix("\n\n"));
    text.unwrap_or_default().trim_end()
}
