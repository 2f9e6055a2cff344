//! How a server function ends when it does not succeed, as a page or an island sees it: of what
//! kind it is, and what to say. Put into words on the server, so that the browser need not know
//! every way in which we refuse.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::ui::islands::ask::UNREACHABLE;
use crate::ui::messages;
use crate::ui::server::field_errors::FieldFaults;
use crate::ui::viewer::AnswerStatus;

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

    /// About no field.
    pub const fn new(kind: UiErrorKind, sentence: String) -> Self {
        Self { kind, sentence, fields: FieldFaults::new(), about: None }
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
            return Self::new(UiErrorKind::Refused, messages::FORM_MALFORMED.to_owned());
        }
        Self::unreachable()
    }
}
