//! Operators, for admins.

pub mod actions;
pub mod components;
pub mod pages;
pub mod queries;
