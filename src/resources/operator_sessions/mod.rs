//! Where an operator is signed in.
//!
//! - A session is one browser; it begins with a sign-in and ends with a sign-out, after eight hours
//!   without use, a day after it began, or when somebody ends it from elsewhere.
//! - A session that began in the future began while a clock was wrong, and is none.
//! - An operator sees their own sessions and ends them, one or all. A session ends by its row being
//!   deleted, and what is being loaded by it at that moment does not bring it back.
//! - A new password, another role and being disabled end all of them. Their number is counted up for
//!   that ([`super::operators`]), since a session may be about to be made at the same moment.
//! - The row's id is a hash of the secret in the cookie. Neither is ever shown, a session is named by another.

pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
