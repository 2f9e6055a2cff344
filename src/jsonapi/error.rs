//! Error objects (JSON:API section "Error Objects").

use serde_json::{Map, Value, json};

/// Where in the request the trouble is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A JSON Pointer (RFC 6901) to a value that is in the request's body.
    Pointer(String),
    Parameter(String),
    Header(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
pub struct ErrorObject {
    pub status: u16,
    pub code: &'static str,
    pub title: &'static str,
    pub detail: String,
    pub source: Option<Source>,
    /// `links.about`.
    pub about: Option<String>,
    /// `links.type`: a profile's name for this kind of error.
    pub kind: Option<&'static str>,
    pub meta: Map<String, Value>,
}

impl ErrorObject {
    pub fn new(status: u16, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            title,
            detail: detail.into(),
            source: None,
            about: None,
            kind: None,
            meta: Map::new(),
        }
    }

    #[must_use]
    pub fn at(mut self, source: Source) -> Self {
        self.source = Some(source);
        self
    }

    #[must_use]
    pub fn pointer(self, pointer: impl Into<String>) -> Self {
        self.at(Source::Pointer(pointer.into()))
    }

    #[must_use]
    pub fn parameter(self, name: impl Into<String>) -> Self {
        self.at(Source::Parameter(name.into()))
    }

    #[must_use]
    pub fn about(mut self, link: String) -> Self {
        self.about = Some(link);
        self
    }

    #[must_use]
    pub fn kind(mut self, uri: &'static str) -> Self {
        self.kind = Some(uri);
        self
    }

    #[must_use]
    pub fn meta(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.meta.insert(name.to_owned(), value.into());
        self
    }

    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(400, "BAD_REQUEST", "Bad request", detail)
    }

    pub fn invalid_json(detail: impl Into<String>) -> Self {
        Self::new(400, "INVALID_JSON", "Invalid JSON", detail)
    }

    pub fn invalid_parameter(name: &str, detail: impl Into<String>) -> Self {
        Self::new(400, "INVALID_QUERY_PARAMETER", "Invalid query parameter", detail).parameter(name)
    }

    pub fn validation(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(422, "VALIDATION_ERROR", "Validation error", detail).pointer(pointer)
    }

    fn to_json(&self, trace_id: &str, number: usize) -> Value {
        let mut meta = self.meta.clone();
        meta.insert("trace_id".to_owned(), trace_id.into());
        let mut object = json!({
            "id": format!("{trace_id}-{number}"),
            "status": self.status.to_string(),
            "code": self.code,
            "title": self.title,
            "detail": self.detail,
            "meta": meta,
        });
        if let Some(source) = &self.source {
            object["source"] = match source {
                Source::Pointer(pointer) => json!({ "pointer": pointer }),
                Source::Parameter(name) => json!({ "parameter": name }),
                Source::Header(name) => json!({ "header": name }),
            };
        }
        if let Some(about) = &self.about {
            object["links"]["about"] = about.as_str().into();
        }
        if let Some(kind) = self.kind {
            object["links"]["type"] = kind.into();
        }
        object
    }
}

/// How many errors a document tells at most.
pub const ERRORS_MAX: usize = 20;

/// The document of these errors, of which there is at least one.
pub fn error_document(errors: &[ErrorObject], trace_id: &str) -> Value {
    let errors: Vec<Value> = errors
        .iter()
        .take(ERRORS_MAX)
        .enumerate()
        .map(|(index, error)| error.to_json(trace_id, index + 1))
        .collect();
    json!({ "errors": errors })
}

/// The status of the answer: the errors' own where they agree, else 400, the most general of what
/// a client can do wrong (JSON:API section "Processing Errors").
pub fn common_status(errors: &[ErrorObject]) -> u16 {
    match errors {
        [] => 500,
        [first, rest @ ..] if rest.iter().all(|error| error.status == first.status) => first.status,
        _ => 400,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_that_differ_make_a_400() {
        let conflict = ErrorObject::new(409, "TYPE_MISMATCH", "", "");
        let invalid = ErrorObject::validation("/data", "");
        assert_eq!(common_status(std::slice::from_ref(&conflict)), 409);
        assert_eq!(common_status(&[conflict.clone(), conflict.clone()]), 409);
        assert_eq!(common_status(&[conflict, invalid]), 400);
    }
}
