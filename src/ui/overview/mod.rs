//! The overview.

pub mod components;
pub mod figures;
pub mod pages;
pub mod queries;
