//! API tokens, for admins.

pub mod actions;
pub mod form;
pub mod pages;
