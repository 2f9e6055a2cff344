//! The words for attempts.

use std::net::IpAddr;

use chrono::TimeDelta;

use crate::kernel::id::OperatorId;

/// A password that is about to be tried.
#[derive(Debug, Clone)]
pub enum Attempt {
    /// From a browser that this account was signed in with before, by its mark.
    Known { device: String },
    /// From any other; `address` is unknown only where the server was not told any.
    Stranger { account: String, address: Option<IpAddr> },
    /// By somebody who is signed in and is asked for their password once more.
    Again { operator: OperatorId },
}

/// So many at once, and one more each time this has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub at_once: i32,
    pub every: TimeDelta,
}

/// What an attempt is charged to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    pub key: String,
    pub allowance: Allowance,
}

/// An e-mail address as an account is told by it, whatever was typed.
pub fn account(email: &str) -> String {
    email.trim().to_lowercase()
}
