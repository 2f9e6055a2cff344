//! The parts of the JSON:API that all resources share. The resources and the registry build on them.

pub mod caller;
pub mod document;
pub mod encoding;
pub mod error;
pub mod error_code;
pub mod filters;
pub mod list;
pub mod note;
pub mod parse_attributes;
pub mod rate_limit;
pub mod reads;
pub mod resource;
pub mod response;
pub mod retry;
pub mod verbs;

pub use caller::Caller;
pub use document::Document;
pub use error::ApiResult;
pub use resource::{Listing, Readable, RelationshipChange, Writable};
pub use response::{Loaded, Preconditions};

/// A database connection, for modules that pass it on and execute no statements.
pub type Connection = crate::platform::db::Connection;
