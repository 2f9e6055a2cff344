//! The viewer's own account: password, sessions, preferences.

pub mod actions;
pub mod pages;
pub mod queries;
