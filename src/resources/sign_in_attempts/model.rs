//! The types for sign-in attempts.

use std::net::IpAddr;

use chrono::TimeDelta;

use crate::kernel::id::OperatorId;
use crate::kernel::text::normalized_email;

#[derive(Debug, Clone)]
pub enum Attempt {
    /// From a browser in which this account has signed in before, identified by its device cookie.
    Known { device: String },
    /// From any other browser. `address` is `None` only if the server does not know it.
    Unknown { account: String, address: Option<IpAddr> },
    /// By an operator who is signed in and confirms their password.
    Confirmation { operator: OperatorId },
}

/// `at_once` attempts at first, and one more after each period of `every`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    pub at_once: i32,
    pub every: TimeDelta,
}

/// The account that an e-mail address identifies. Folds each character by itself, as the database does when it looks up the
/// account. `to_lowercase` of the whole text yields two characters for `İ`, and another one for `Σ` at the end of a word; an
/// attacker could use these spellings to try an account and be charged for another.
pub fn account(email: &str) -> String {
    normalized_email(email).chars().filter_map(|char| char.to_lowercase().next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_an_address_are_one_account() {
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
