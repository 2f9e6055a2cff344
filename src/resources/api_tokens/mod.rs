//! The bearer tokens of API clients.
//!
//! - A token acts for a person, or is a *system* token, whose changes have no actor. A person's token stops working when
//!   the person is deleted; it never becomes a system token.
//! - Only its SHA-256 hash is stored; the text is shown once, when the token is created.
//! - Scopes: `read` allows every GET but those of administration events, `write` all changes, and `pipeline` to name or
//!   change the creator of an enrollment. The last two include `read`. `audit` allows GETs of both logs and nothing else;
//!   no other scope includes it.
//! - Revoking is final and takes effect within a second (`platform/token_cache.rs`). The row stays, because the history
//!   names tokens.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
