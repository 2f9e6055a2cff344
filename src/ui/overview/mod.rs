//! The overview.

pub mod components;
pub mod pages;
pub mod queries;
