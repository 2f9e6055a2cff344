//! Finding anything by what is known of it.
//!
//! - Groups and workspaces are found by a part of their name, people by a part of their name or address;
//!   a text of two letters is looked for at the beginnings of words alone, a shorter one not at all.
//! - An id finds what it is the id of: a group, a workspace (by either of its ids), a person, an
//!   enrollment. What it finds so is exact, and first.
//! - What begins with the text comes before what merely holds it, and what is live before what was removed.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
