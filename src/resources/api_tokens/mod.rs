//! The tokens by which machines use the API.
//!
//! - A token acts for a person, or is a *system* token, whose changes have no actor. A person's
//!   token stops working when the person is deleted; it never becomes a system token.
//! - Only its SHA-256 hash is kept; the text is shown once, when it is made.
//! - Scopes: `read` every GET; `write` the flows; `pipeline` also says in whose name an enrollment
//!   stands. The last two imply `read`.
//! - An expired or revoked token is refused like one that never was.
//! - A request notes that a token was used and does not write it: what many requests noted is written now and
//!   then, to the minute. A token works on where that fails.
//! - Revoking is for good, and holds from the next request on. Its row stays: the history names tokens.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
