//! The pages of enrollments.

pub mod correct_creator;
pub mod details;
pub mod remove;
