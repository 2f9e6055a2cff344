//! The pages, one file each.

pub mod group;
pub mod group_removal;
pub mod group_removals;
pub mod groups;
pub mod invitation;
pub mod login;
pub mod new_group;
pub mod not_found;
pub mod removal;
