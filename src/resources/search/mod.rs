//! Search across groups, workspaces, people and enrollments.
//!
//! - Groups match by the words of their name, workspaces by those of their name and external id, people by those of their
//!   name and address, in any order and without regard to accents and case.
//! - A word of one or two letters matches only the beginning of a word. A text of a single ASCII character finds
//!   nothing. Commas between words, and quotation marks and brackets around words, are ignored.
//! - The beginning of an external id finds a workspace, and the beginning of a public id finds anything, if it contains
//!   at least the part before the first hyphen.
//! - A whole id, also an external one, is an exact match and comes first.
//! - What begins with the text comes before what only contains it, and live rows come before removed ones.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
