//! The pages of workspaces.

pub mod change;
pub mod details;
pub mod list;
