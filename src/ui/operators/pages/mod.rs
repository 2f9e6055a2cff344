//! The pages of operators.

pub mod change;
pub mod details;
pub mod list;
pub mod new;
