//! The pages of groups.

pub mod change;
pub mod details;
pub mod list;
