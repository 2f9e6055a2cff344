//! Workspace groups.
//!
//! - A group has a name, which is not blank and need not be unique.
//! - A group is created with its first workspaces in one transaction: all are enrolled, or there is no group.
//! - A group is never deleted; removing it sets `deleted_at`, and removing it again changes nothing. A group with live
//!   enrollments cannot be removed, and the refusal contains their number.
//! - A form does not overwrite a name that was changed after the form was opened.
//! - A removed group stays readable, with its history, and takes no new enrollment.

pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
