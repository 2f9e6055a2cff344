//! The pages of workspaces.

pub mod details;
pub mod edit;
pub mod list;
pub mod new;
pub mod remove;
