//! Error objects (JSON:API section "Error Objects").

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::error_code::{self, ErrorCode};

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A JSON Pointer (RFC 6901) to a value that exists in the body.
    Pointer(String),
    Parameter(String),
    Header(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct ErrorObject {
    pub code: &'static ErrorCode,
    pub detail: String,
    pub source: Option<Source>,
    pub about: Option<String>,
    /// `links.type`: identifies an error that a profile defines.
    pub type_uri: Option<&'static str>,
    pub meta: Map<String, Value>,
}

impl ErrorCode {
    pub fn error(&'static self, detail: impl Into<String>) -> ErrorObject {
        let detail = detail.into();
        ErrorObject { code: self, detail, source: None, about: None, type_uri: None, meta: Map::new() }
    }
}

pub fn validation(pointer: impl Into<String>, detail: impl Into<String>) -> ErrorObject {
    error_code::VALIDATION_ERROR.error(detail).pointer(pointer)
}

pub fn invalid_parameter(name: &str, detail: impl Into<String>) -> ErrorObject {
    error_code::INVALID_QUERY_PARAMETER.error(detail).parameter(name)
}

impl ErrorObject {
    pub fn at(self, source: Source) -> Self {
        Self { source: Some(source), ..self }
    }

    pub fn pointer(self, pointer: impl Into<String>) -> Self {
        self.at(Source::Pointer(pointer.into()))
    }

    pub fn parameter(self, name: impl Into<String>) -> Self {
        self.at(Source::Parameter(name.into()))
    }

    pub fn about(self, link: String) -> Self {
        Self { about: Some(link), ..self }
    }

    pub fn type_uri(self, uri: &'static str) -> Self {
        Self { type_uri: Some(uri), ..self }
    }

    pub fn meta(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.meta.insert(name.to_owned(), value.into());
        self
    }

    fn to_json(&self, trace_id: &str, number: usize) -> Value {
        let mut object = json!({
            "id": format!("{trace_id}-{number}"),
            "status": self.code.status.to_string(),
            "code": self.code.code,
            "title": self.code.title,
            "detail": self.detail,
            "meta": self.meta,
        });
        object["meta"]["trace_id"] = trace_id.into();
        if let Some(source) = &self.source {
            object["source"] = json!(source);
        }
        if let Some(about) = &self.about {
            object["links"]["about"] = about.as_str().into();
        }
        if let Some(type_uri) = self.type_uri {
            object["links"]["type"] = type_uri.into();
        }
        object
    }
}

pub const ERRORS_MAX: usize = 20;

/// Builds an error document in which each error has the trace id. `errors` must not be empty.
pub fn error_document(errors: &[ErrorObject], trace_id: &str) -> Value {
    let errors = errors.iter().zip(1..).map(|(error, number)| error.to_json(trace_id, number));
    json!({ "errors": errors.collect::<Vec<_>>() })
}

/// The status of the response: the one that all errors share, else 400, the most general client error (JSON:API
/// section "Processing Errors").
pub fn common_status(errors: &[ErrorObject]) -> u16 {
    match errors {
        [] => 500,
        [first, rest @ ..] if rest.iter().all(|error| error.code.status == first.code.status) => {
            first.code.status
        }
        _ => 400,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_with_different_statuses_become_a_400() {
        let conflict = error_code::TYPE_MISMATCH.error("");
        let invalid = validation("/data", "");
        assert_eq!(common_status(std::slice::from_ref(&conflict)), 409);
        assert_eq!(common_status(&[conflict.clone(), conflict.clone()]), 409);
        assert_eq!(common_status(&[conflict, invalid]), 400);
    }
}
