//! An operation of the document, built step by step.

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
    errors: Vec<&'static ErrorCode>,
    value: Value,
}

impl Operation {
    /// An operation with its section of `operations.md` and the errors that all operations share.
    pub fn new(method: &'static str, path: String, id: &str, tag: &str, summary: String) -> Self {
        let value = json!({
            "operationId": id,
            "tags": [tag],
            "summary": summary,
            "parameters": [],
            "responses": {},
        });
        let mut sections = DESCRIPTIONS.split("## ");
        let section = sections.find_map(|section| section.strip_prefix(id)?.strip_prefix("\n\n"));
        let operation = Self { path, method, errors: Vec::new(), value }
            .described(section.unwrap_or_default().trim_end())
            .scoped(if method == "get" { "read" } else { "write" })
            .fails_with(&[&codes::BAD_REQUEST, &codes::INVALID_QUERY_PARAMETER, &codes::UNAUTHORIZED])
            .fails_with(&[&codes::NOT_ACCEPTABLE, &codes::URI_TOO_LONG, &codes::RATE_LIMITED])
            .fails_with(&[&codes::HEADERS_TOO_LARGE, &codes::INTERNAL_ERROR, &codes::UNAVAILABLE]);
        // The server reads the body of every change, even if the operation ignores it (`api/retry.rs`).
        let of_change = [&codes::FORBIDDEN, &codes::REQUEST_TIMEOUT, &codes::PAYLOAD_TOO_LARGE];
        match method {
            "get" => operation,
            "post" => operation
                .takes(vec![parameters::named("IdempotencyKey")])
                .fails_with(&of_change)
                .fails_with(&[&codes::IDEMPOTENCY_KEY_IN_USE, &codes::IDEMPOTENCY_KEY_REUSED]),
            _ => operation.fails_with(&of_change),
        }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.value[name] = value.into();
        self
    }

    /// Sets the description, unless `about` is empty.
    pub fn described(self, about: &str) -> Self {
        if about.is_empty() { self } else { self.with("description", about) }
    }

    pub fn scoped(self, scope: &str) -> Self {
        self.with("security", json!([{ "bearer": [scope] }]))
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

    pub fn fails_with(mut self, errors: &[&'static ErrorCode]) -> Self {
        self.errors.extend(errors);
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
        let unchanged = "Not modified: the `ETag` is one of those in `If-None-Match`.";
        self.takes(vec![parameters::named("IfNoneMatch")])
            .returns_resource(about, schema, example)
            .returns(304, responses::empty(unchanged, &["ETag"]))
    }

    pub fn returns_nothing(self, about: &str) -> Self {
        let headers: &[&str] = if self.method == "post" { &["Idempotency-Replayed"] } else { &[] };
        self.returns(204, responses::empty(about, headers))
    }

    /// The possible errors of each status, in the order of [`codes::ALL`].
    pub fn errors_by_status(&self) -> Vec<Vec<&'static ErrorCode>> {
        let possible = codes::ALL.iter().copied().filter(|code| self.errors.contains(code));
        let possible: Vec<_> = possible.collect();
        possible.chunk_by(|one, next| one.status == next.status).map(<[_]>::to_vec).collect()
    }

    pub fn into_value(mut self) -> Value {
        for errors in self.errors_by_status() {
            let response = reference("responses", &responses::name(&errors));
            self.value["responses"][errors[0].status.to_string()] = response;
        }
        self.value
    }
}
