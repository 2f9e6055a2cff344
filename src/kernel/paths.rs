//! The paths that both the API and the pages link to.

/// The API documentation.
pub const API_DOCS: &str = "/docs";
