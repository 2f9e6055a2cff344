//! The API above the resources: which types there are, several operations in one request, and the description
//! of all of it.

pub mod docs;
pub mod openapi;
pub mod operations;
pub mod types;
