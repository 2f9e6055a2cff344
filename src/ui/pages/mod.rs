//! The pages, one file each.

pub mod attribution;
pub mod enrollment;
pub mod group;
pub mod group_removal;
pub mod group_removals;
pub mod groups;
pub mod invitation;
pub mod login;
pub mod new_group;
pub mod new_person;
pub mod new_workspace;
pub mod not_found;
pub mod people;
pub mod person;
pub mod person_deletion;
pub mod person_edit;
pub mod removal;
pub mod workspace;
pub mod workspace_edit;
pub mod workspace_removal;
pub mod workspaces;
