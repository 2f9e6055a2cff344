//! The words for attempts.

use std::net::IpAddr;

use chrono::TimeDelta;

use crate::kernel::id::OperatorId;
use crate::kernel::text::address;

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
///
/// Sign by sign, as the database folds it where it looks the account up: `to_lowercase` of the whole text
/// makes two signs of `İ`, and another one of a `Σ` that ends a word. Whoever typed those in place of others
/// would try the same account and be charged for another.
pub fn account(email: &str) -> String {
    address(email).chars().filter_map(|sign| sign.to_lowercase().next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_spelling_of_an_address_is_another_account() {
        for typed in [
            "kim@example.com",
            " KIM@example.com\t",
            "K\u{130}M@EXAMPLE.COM",
            "\u{212a}im@example.com",
            "\u{ff2b}im\u{200b}@example.com",
        ] {
            assert_eq!(account(typed), "kim@example.com");
        }
        assert_eq!(account("J\u{c4}ger@example.com"), account("ja\u{308}ger@example.com"));
        assert_eq!(
            account("\u{39f}\u{394}\u{39f}\u{3a3}@example.com"),
            account("\u{3bf}\u{3b4}\u{3bf}\u{3c3}@example.com")
        );
    }
}
