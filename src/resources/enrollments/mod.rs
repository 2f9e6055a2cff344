//! Which workspaces are, and were, in which groups.
//!
//! An **enrollment** is one row that says "this workspace belongs to this group".
//!
//! - A pair has at most one **live** enrollment (`deleted_at` is null). The partial unique index
//!   `workspace_group_workspaces_group_workspace_active_unique` decides that, never a read followed
//!   by a write: who loses a race is told which live row won.
//! - **Enroll** makes a live row. Its `created_by` is the actor, nobody for a system flow, or who
//!   is named by a caller that may attribute.
//! - **Remove** sets `deleted_at`, once; the row stays. Removing a removed row changes nothing and
//!   is no error.
//! - **Re-add** is enrolling again: a new row with a new id, a new `created_at` and a new
//!   `created_by`. The old row keeps saying who added the workspace first; it is never revived.
//! - A removed group or workspace takes no new enrollment: for this purpose it is not there.
//! - **Correct attribution** changes `created_by`, the only field that can ever change, on a live
//!   or a removed row, also to nobody. Correcting to what it is already writes nothing.
//! - `created_at` never changes, `deleted_at` is set once, `updated_at` moves with every update;
//!   no row is ever deleted. The database refuses all else (`enrollment_guard`).
//! - Every change writes exactly one event in the same transaction (`enrollment_events`).

pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
