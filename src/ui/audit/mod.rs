//! The audit pages: the log of enrollments, the state at a moment, and comparisons.

pub mod components;
pub mod http;
pub mod pages;
pub mod queries;
pub mod view;
