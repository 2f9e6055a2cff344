//! One operation of the description, put together step by step.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::jsonapi::media_type::JSON_API;
use crate::registry::openapi::codes::CODES;
use crate::registry::openapi::{parameters, reference, responses};

pub struct Operation {
    pub path: String,
    /// In small letters, as the document has it.
    pub method: &'static str,
    /// The codes that can be told with a status.
    pub refusals: BTreeMap<u16, Vec<&'static str>>,
    id: String,
    tag: String,
    summary: String,
    about: String,
    /// `None`: for anybody.
    scope: Option<&'static str>,
    parameters: Vec<Value>,
    body: Option<Value>,
    successes: Map<String, Value>,
}

impl Operation {
    /// For anybody, and answered whatever happens.
    pub fn public(method: &'static str, path: String, id: String) -> Self {
        Self {
            path,
            method,
            refusals: BTreeMap::new(),
            id,
            tag: String::new(),
            summary: String::new(),
            about: String::new(),
            scope: None,
            parameters: Vec::new(),
            body: None,
            successes: Map::new(),
        }
    }

    /// Behind the door, with what all that is there has in common.
    pub fn new(method: &'static str, path: String, id: String) -> Self {
        let operation = Self::public(method, path, id)
            .refused(400, &["BAD_REQUEST", "INVALID_QUERY_PARAMETER"])
            .refused(401, &["UNAUTHORIZED"])
            .refused(406, &["NOT_ACCEPTABLE"])
            .refused(414, &["URI_TOO_LONG"])
            .refused(429, &["RATE_LIMITED"])
            .refused(431, &["HEADERS_TOO_LARGE"])
            .refused(500, &["INTERNAL_ERROR"])
            .refused(503, &["UNAVAILABLE"]);
        if method == "get" {
            return operation.scoped("read");
        }
        // The body of every change is read, also where the operation takes none (`api/retry.rs`).
        let change = operation
            .scoped("write")
            .refused(403, &["FORBIDDEN"])
            .refused(408, &["REQUEST_TIMEOUT"])
            .refused(413, &["PAYLOAD_TOO_LARGE"]);
        if method == "post" {
            change
                .taking(vec![parameters::named("IdempotencyKey")])
                .refused(409, &["IDEMPOTENCY_KEY_IN_USE"])
                .refused(422, &["IDEMPOTENCY_KEY_REUSED"])
        } else {
            change
        }
    }

    pub fn tagged(self, tag: String) -> Self {
        Self { tag, ..self }
    }

    pub fn told(self, summary: String, about: &str) -> Self {
        Self { summary, about: about.to_owned(), ..self }
    }

    /// What is to be said beside the summary.
    pub fn described(self, about: &str) -> Self {
        Self { about: about.to_owned(), ..self }
    }

    pub fn scoped(self, scope: &'static str) -> Self {
        Self { scope: Some(scope), ..self }
    }

    pub fn taking(mut self, parameters: Vec<Value>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// With a body, and what can be wrong with one.
    pub fn with_body(mut self, media_type: &str, schema: Value, example: Value) -> Self {
        self.body = Some(json!({
            "required": true,
            "content": { (media_type): { "schema": schema, "example": example } },
        }));
        self.refused(400, &["INVALID_JSON"])
            .refused(415, &["UNSUPPORTED_MEDIA_TYPE"])
            .refused(422, &["VALIDATION_ERROR"])
    }

    pub fn with_document(self, schema: Value, example: Value) -> Self {
        self.with_body(JSON_API, schema, example)
    }

    pub fn answered(mut self, status: u16, response: Value) -> Self {
        self.successes.insert(status.to_string(), response);
        self
    }

    /// Adds codes to a status, each once and in the order of the table.
    pub fn refused(mut self, status: u16, codes: &[&'static str]) -> Self {
        if !codes.is_empty() {
            let known = self.refusals.entry(status).or_default();
            known.extend(codes);
            known.sort_by_key(|code| CODES.iter().position(|known| known.code == *code));
            known.dedup();
        }
        self
    }

    /// With the resource as it is after a change.
    pub fn changed(self, about: &str, schema: &str, example: Value) -> Self {
        self.answered(200, responses::document(about, JSON_API, schema, example, &["ETag"]))
    }

    /// With a new resource.
    pub fn created(self, about: &str, schema: &str, example: Value) -> Self {
        let headers = ["ETag", "Location", "Idempotency-Replayed"];
        self.answered(201, responses::document(about, JSON_API, schema, example, &headers))
    }

    /// With a resource that a client may have already.
    pub fn read(self, about: &str, schema: &str, example: Value) -> Self {
        self.taking(vec![parameters::named("IfNoneMatch")]).changed(about, schema, example).answered(
            304,
            responses::empty("The client has it: its `ETag` is one of `If-None-Match`.", &["ETag"]),
        )
    }

    /// With nothing to show.
    pub fn done(self, about: &str) -> Self {
        let headers: &[&str] = if self.method == "post" { &["Idempotency-Replayed"] } else { &[] };
        self.answered(204, responses::empty(about, headers))
    }

    pub fn into_value(self) -> Value {
        let mut responses = self.successes;
        for (status, codes) in &self.refusals {
            let name = responses::name(*status, codes);
            responses.insert(status.to_string(), reference("responses", &name));
        }
        let security: Vec<Value> = self.scope.iter().map(|scope| json!({ "bearer": [scope] })).collect();
        let mut operation = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "security": security,
            "parameters": self.parameters,
            "responses": responses,
        });
        if !self.about.is_empty() {
            operation["description"] = self.about.into();
        }
        if let Some(body) = self.body {
            operation["requestBody"] = body;
        }
        operation
    }
}
