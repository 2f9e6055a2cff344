//! The search over everything.

pub mod pages;
pub mod queries;
