//! Enrollments: rows that say which workspaces are, and were, in which groups.
//!
//! - A pair has at most one **live** enrollment (`deleted_at` is null). A partial unique index decides this, never a read
//!   before a write. A request that loses a race gets the winning row in its refusal.
//! - **Enroll** creates a live row. Its creator is the actor, nobody for a system token or a command without a person, or
//!   the person named by a caller with the scope `pipeline`.
//! - **Remove** sets `deleted_at`; the row stays. Removing a removed row changes nothing.
//! - **Re-add** enrolls the pair again: a new row with a new id, a new `created_at` and a new creator. The old row is
//!   never revived and keeps its creator.
//! - A removed group or workspace takes no new enrollment; it counts as missing.
//! - **Change the creator** sets or clears `created_by` of a live or a removed row. Nothing else can be corrected.
//! - `created_at` never changes, `deleted_at` is set once, `updated_at` changes with every update, and no row is ever
//!   deleted (`enrollment_guard`).
//! - Every change writes exactly one event in the same transaction (`enrollment_events`).

pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
