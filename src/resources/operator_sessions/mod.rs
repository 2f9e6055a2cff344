//! The sessions of operators. A session is one browser.
//!
//! - It ends with a sign-out, after 8 hours without use, 24 hours after it began, or when it is ended from another session.
//!   Its row is then deleted, and a concurrent request of the session does not restore it.
//! - A session from the future began while a clock was wrong, and is not valid.
//! - A new password, another role and disabling end all sessions. They also increment the operator's session generation
//!   ([`super::operators`]), because a session may be created concurrently.
//! - The row's id is a hash of the secret in the cookie. Neither is shown; a session has another, public id.

pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
pub mod session_store;
#[cfg(feature = "ssr")]
mod store;
