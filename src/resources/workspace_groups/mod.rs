//! The groups that collect workspaces.
//!
//! - A group has a name, which is not blank and need not be unique.
//! - A group is created with zero or more workspaces enrolled in the same transaction: all or none.
//! - A group is never deleted, it is removed: `deleted_at` is set. One with live enrollments is not
//!   removed, and the refusal says how many there are.
//! - Removing a removed group changes nothing and is no error.
//! - Who renames a group by a form does not overwrite a name that another gave it since they opened the form.
//! - A removed group stays readable, with its history, and takes no new enrollment.

pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
