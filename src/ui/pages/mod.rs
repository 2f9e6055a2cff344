//! The pages, one file each.

pub mod bulk;
pub mod group;
pub mod groups;
pub mod import;
pub mod invitation;
pub mod login;
pub mod new_group;
pub mod not_found;
pub mod removal;
