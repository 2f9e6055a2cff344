//! The overview.

pub mod pages;
pub mod queries;
