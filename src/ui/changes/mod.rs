//! Change sets, and what acts on many enrollments at once: undo, move, copy, restore.

pub mod actions;
pub mod pages;
pub mod queries;
