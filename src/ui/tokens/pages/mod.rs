//! The pages of API tokens.

pub mod list;
pub mod new;
pub mod revoke;
