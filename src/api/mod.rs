//! What every handler of the JSON:API stands on.

pub mod auth;
pub mod encoding;
pub mod error;
pub mod error_response;
pub mod filters;
pub mod idempotency;
pub mod list;
pub mod parse_attributes;
pub mod preconditions;
pub mod rate_limit;
pub mod related;
pub mod response;
pub mod retry;
pub mod transaction;

/// What statements run on, for those parts that hand one on and issue none.
pub type Connection = crate::platform::db::Connection;
