//! How a server function ends when it does not succeed, as a page or an island sees it: of what
//! kind it is, and what to say. Put into words on the server, so that the browser need not know
//! every way in which we refuse.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::use_context;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::ui::islands::ask::UNREACHABLE;

/// The sentence for a form that lacks a field or holds a value that no page of ours sends.
pub const FORM_MALFORMED: &str = "The form was not complete. Load the page anew and try again.";

/// What is wrong with each field of a form, by the field's name. Empty where a refusal concerns no field.
pub type FieldFaults = BTreeMap<String, String>;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UiError {
    pub kind: UiErrorKind,
    pub sentence: String,
    /// What of it is about single fields. Forms are rendered on the server; an island never sees it.
    #[serde(skip)]
    pub fields: FieldFaults,
    /// Where more is to be seen of it; as those, for pages alone.
    #[serde(skip)]
    pub about: Option<Link>,
}

/// Where something leads, and what it says.
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
    /// Any other refusal.
    Refused,
    /// It has to wait.
    TriedTooOften,
    /// The database is away or takes no changes, or the identity provider; it will be back.
    Unavailable,
    /// Others are in the way; they will be through.
    Busy,
    /// Our fault.
    Fault,
    /// The server was not reached, or not understood.
    Unreachable,
}

impl UiErrorKind {
    /// Of an answer that tells of nothing else.
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
    pub fn unreachable() -> Self {
        Self::new(UiErrorKind::Unreachable, UNREACHABLE.to_owned())
    }

    /// Concerns no field.
    pub const fn new(kind: UiErrorKind, sentence: String) -> Self {
        Self { kind, sentence, fields: FieldFaults::new(), about: None }
    }

    /// Shows the sentence at this field of the form as well.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.fields.insert(field.to_owned(), self.sentence.clone());
        self
    }

    /// Adds a link to a page that shows more.
    #[must_use]
    pub fn see(mut self, path: String, text: &str) -> Self {
        self.about = Some(Link { path, text: text.to_owned() });
        self
    }
}

impl std::fmt::Display for UiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl FromServerFnError for UiError {
    type Encoder = JsonEncoding;

    /// A request that cannot be read is the client's mistake; the library would call it a fault of ours.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let is_unread = matches!(
            error,
            ServerFnErrorErr::Args(_)
                | ServerFnErrorErr::MissingArg(_)
                | ServerFnErrorErr::Deserialization(_)
        );
        if is_unread && AnswerStatus::is_read() {
            AnswerStatus::set(400);
            return Self::new(UiErrorKind::Refused, FORM_MALFORMED.to_owned());
        }
        Self::unreachable()
    }
}

/// Sets the status of the answer. Provided as a context where there is an answer.
#[derive(Clone)]
pub struct AnswerStatus(pub Arc<dyn Fn(u16) + Send + Sync>);

/// A context for requests whose sender reads the status. A form follows a redirect instead, which another status
/// would prevent.
#[derive(Clone, Copy)]
pub struct ReadsStatus;

impl AnswerStatus {
    pub fn is_read() -> bool {
        use_context::<ReadsStatus>().is_some()
    }

    pub fn set(status: u16) {
        if let Some(Self(set)) = use_context::<Self>() {
            set(status);
        }
    }
}
