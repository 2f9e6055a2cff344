//! Imports of lists.

pub mod actions;
pub mod http;
pub mod pages;
pub mod queries;
