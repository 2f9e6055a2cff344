//! The search over everything.

pub mod actions;
pub mod pages;
pub mod queries;
pub mod view;
