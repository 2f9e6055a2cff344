//! The pages before somebody is signed in.

pub mod invitation;
pub mod login;
