//! Errors as pages and islands see them. The server words them, so that the browser does not have to know all problems.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::use_context;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::FromServerFnError;
use leptos::server_fn::error::ServerFnErrorErr::{self, Args, Deserialization, MissingArg};
use serde::{Deserialize, Serialize};

use crate::ui::islands::ask::UNREACHABLE;

/// A field is missing or has a value that no page sends.
pub const FORM_MALFORMED: &str = "The form is incomplete. Reload the page and try again.";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UiError {
    pub kind: UiErrorKind,
    pub sentence: String,
    /// Sentences by the names of fields. Empty for islands, because the server renders forms.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Link>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub path: String,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UiErrorKind {
    SignedOut,
    Forbidden,
    NotFound,
    Refused,
    TriedTooOften,
    /// The database or the identity provider is unavailable for the moment.
    Unavailable,
    Busy,
    Fault,
    /// The server could not be reached or sent no valid response.
    Unreachable,
}

impl UiErrorKind {
    /// The HTTP status of a response that consists of the error.
    pub const fn status(self) -> u16 {
        match self {
            Self::SignedOut => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Refused => 400,
            Self::TriedTooOften => 429,
            Self::Unavailable | Self::Busy => 503,
            Self::Fault | Self::Unreachable => 500,
        }
    }
}

impl UiError {
    pub fn new(kind: UiErrorKind, sentence: impl Into<String>) -> Self {
        Self { kind, sentence: sentence.into(), fields: BTreeMap::new(), about: None }
    }

    pub fn unreachable() -> Self {
        Self::new(UiErrorKind::Unreachable, UNREACHABLE)
    }

    /// Shows the sentence at this field of the form as well.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.fields.insert(field.to_owned(), self.sentence.clone());
        self
    }

    #[must_use]
    pub fn see(mut self, path: String, text: &str) -> Self {
        self.about = Some(Link { path, text: text.to_owned() });
        self
    }
}

impl FromServerFnError for UiError {
    type Encoder = JsonEncoding;

    /// A malformed request is the client's fault (400); the library would answer 500.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let is_malformed = matches!(error, Args(_) | MissingArg(_) | Deserialization(_));
        if is_malformed && use_context::<ReadsStatus>().is_some() {
            AnswerStatus::set(400);
            return Self::new(UiErrorKind::Refused, FORM_MALFORMED);
        }
        Self::unreachable()
    }
}

/// Sets the status of the response. Provided as a context if there is a response.
#[derive(Clone)]
pub struct AnswerStatus(pub Arc<dyn Fn(u16) + Send + Sync>);

/// A context for clients that read the status. A form follows a redirect, which another status would prevent.
#[derive(Clone, Copy)]
pub struct ReadsStatus;

impl AnswerStatus {
    pub fn set(status: u16) {
        if let Some(Self(set)) = use_context::<Self>() {
            set(status);
        }
    }
}
