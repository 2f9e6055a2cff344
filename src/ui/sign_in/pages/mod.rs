//! The pages for signing in.

pub mod invitation;
pub mod login;
