//! What every handler of the JSON:API stands on.

pub mod again;
pub mod bearer;
pub mod conditions;
pub mod docs;
pub mod encoding;
pub mod error;
pub mod fields;
pub mod filters;
pub mod finish;
pub mod idempotency;
pub mod limit;
pub mod list;
pub mod openapi;
pub mod operations;
pub mod related;
pub mod reply;
pub mod types;
pub mod work;

/// What statements run on, for those parts that hand one on and issue none.
pub type Connection = crate::platform::db::Connection;
