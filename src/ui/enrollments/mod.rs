//! Enrollments.

pub mod actions;
pub mod bulk_actions;
pub mod components;
pub mod details;
pub mod pages;
pub mod queries;
pub mod view;
