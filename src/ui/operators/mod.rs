//! Operators, for admins.

pub mod actions;
pub mod pages;
pub mod queries;
