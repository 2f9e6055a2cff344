//! Workspaces, the tenants of the platform, which groups collect.
//!
//! - A workspace is never deleted; removing it sets `deleted_at`, and removing it again changes nothing. A workspace that
//!   is in a group cannot be removed, and the refusal contains the number of its groups.
//! - An edit form does not overwrite changes that were made after it was opened.
//! - A removed workspace stays readable and cannot be enrolled.
//! - External ids are unique, also across Unicode's composed and decomposed forms, and a removed workspace keeps its
//!   own. It can release it for another workspace; nothing else of a removed workspace can be changed.

pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
