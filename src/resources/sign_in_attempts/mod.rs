//! Limits on sign-in attempts.
//!
//! - Each attempt is charged before the password is checked, so that concurrent attempts all count. A correct password is
//!   refunded. A refused attempt is not charged, which is why waiting helps.
//! - A browser in which this account has signed in before (it has the account's device cookie, OWASP's term) has a
//!   separate allowance, so that an attacker cannot lock the owner out.
//! - All other browsers share three allowances: of their address, of their address with this account, and of the account
//!   with all such browsers. The first limits trying one password on many accounts, the last trying one account from many
//!   addresses. An account that does not exist has the same allowances, so that responses do not reveal which exist.
//! - Allowances are restored evenly over time (GCRA), so nothing is locked for good.
//! - Keys are stored as hashes, and deleted once the allowance is restored.

pub mod model;
pub mod ops;
mod rules;
mod store;
