//! Change sets: everything that one request, command or import did to enrollments.
//!
//! - Each event of an enrollment belongs to one change set, except those of earlier versions. Nothing adds to the change set
//!   of a finished request; an import adds to its own until it has ended.
//! - A change set may have a reason and a reference, which each of its events has. They are never edited. A group may require
//!   a reason (`workspace_groups`), and the database refuses events without one.
//! - What is more than a plain change (an undo, a move, a copy, a restore) has a row that says so.
//! - A change set is undone by another one, which reverses what the first did and leaves alone what was changed since.
//!   Removed enrollments are never revived: the workspace is enrolled again.
//! - After the database was restored from a backup, `groupdesk history new` begins a new history, and what was previewed
//!   before is refused.

pub mod model;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
