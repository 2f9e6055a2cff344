//! The administrative log.

pub mod pages;
pub mod queries;
