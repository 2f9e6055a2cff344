//! Imports of lists.

pub mod actions;
pub mod components;
pub mod files;
pub mod pages;
