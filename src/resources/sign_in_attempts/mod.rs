//! How often passwords may be tried.
//!
//! - Each attempt is charged before the password is looked at, so that a hundred at once are a hundred;
//!   a right password gives back what it was charged.
//! - A browser that somebody signed in to this account with before (it has the account's mark in a
//!   cookie) has an allowance of its own. Nobody else can use it up: whoever attacks an account does not
//!   lock its owner out. This is OWASP's "device cookie".
//! - Every other browser shares three: that of its address, that of its address with this account, and
//!   that of the account with all strangers there are. The first is against trying one password on many
//!   accounts, the last against one account being tried from many addresses.
//! - Allowances come back with time, evenly (GCRA), so nothing is ever locked for good. A refused
//!   attempt is charged nothing, which is why waiting helps.
//! - An account that does not exist has the same allowances: an answer does not tell which do.
//! - A time that no attempt can have made, because it is too far ahead, was written while a clock was wrong. It
//!   counts as none.
//! - Keys are kept as hashes, and forgotten once an allowance is whole again.

pub mod model;
pub mod ops;
mod rules;
mod store;
