//! The platform's tenants, which groups collect.
//!
//! - A workspace is never deleted, it is removed: `deleted_at` is set. One that is in a group is
//!   not removed, and the refusal says in how many it is.
//! - Removing a removed workspace changes nothing and is no error.
//! - Who edits a workspace by a form does not overwrite what another made of it since they opened the form.
//! - A removed workspace stays readable, and cannot be enrolled.
//! - External ids are unique, also where another system left one in Unicode's decomposed form, and a removed
//!   workspace keeps its own. It can give it back, for another to have; nothing else of a removed workspace is changed.

pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
