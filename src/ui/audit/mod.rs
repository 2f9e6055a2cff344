//! The audit pages: the log of enrollments, the content of a group at a time, and comparisons.

pub mod canonical_url;
pub mod components;
pub mod details;
pub mod files;
pub mod form;
pub mod lookup;
pub mod pages;
pub mod queries;
pub mod query;
