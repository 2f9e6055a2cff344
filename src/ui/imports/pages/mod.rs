//! The pages of imports.

pub mod details;
pub mod new;
