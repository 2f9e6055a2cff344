//! The paths that both the API and the pages link to.

pub const API_DOCS: &str = "/docs";
