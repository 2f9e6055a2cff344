//! The pages, one file each.

pub mod account;
pub mod admin_log;
pub mod as_of;
pub mod audit;
pub mod bulk;
pub mod comparison;
pub mod group;
pub mod group_removal;
pub mod group_removals;
pub mod groups;
pub mod import;
pub mod invitation;
pub mod login;
pub mod new_group;
pub mod new_operator;
pub mod new_token;
pub mod not_found;
pub mod operator;
pub mod operator_change;
pub mod operators;
pub mod overview;
pub mod removal;
pub mod token_revocation;
pub mod tokens;
