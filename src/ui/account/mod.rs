//! The viewer's own account: password, sessions, preferences.

pub mod actions;
pub mod components;
pub mod pages;
pub mod queries;
pub mod view;
