//! How a server function ends when it does not succeed, as a page or an island sees it.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use super::message;
use crate::kernel::problem::Problem;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    Problem(Problem),
    /// The database is away; it will be back.
    Unavailable,
    /// Our fault. The log has it under this request id.
    Fault {
        request_id: String,
    },
    /// The server was not reached, or not understood.
    Unreachable,
}

impl Trouble {
    pub fn sentence(&self) -> String {
        match self {
            Self::Problem(problem) => message::sentence(problem),
            Self::Unavailable => {
                "The desk cannot reach its database at the moment. Try again shortly.".to_owned()
            }
            Self::Fault { request_id } => {
                format!(
                    "Something went wrong on our side. If it stays so, tell an admin: request {request_id}."
                )
            }
            Self::Unreachable => {
                "The desk could not be reached. Check the connection and try again.".to_owned()
            }
        }
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl FromServerFnError for Trouble {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self::Unreachable
    }
}
