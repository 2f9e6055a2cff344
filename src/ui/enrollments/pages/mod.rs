//! The pages of enrollments.

pub mod bulk_remove;
pub mod correct_creator;
pub mod details;
pub mod remove;
