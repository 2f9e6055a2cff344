//! The pages of people.

pub mod delete;
pub mod details;
pub mod edit;
pub mod list;
