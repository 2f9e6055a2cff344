//! Imports of lists.

pub mod actions;
pub mod components;
pub mod http;
pub mod pages;
pub mod queries;
