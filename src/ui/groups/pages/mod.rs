//! The pages of groups.

pub mod details;
pub mod list;
pub mod new;
pub mod remove;
