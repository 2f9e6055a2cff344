//! Finding anything by what is known of it.
//!
//! - Groups and workspaces are found by the words of their name, people by those of their name or address, in any
//!   order and without regard to accents and case. Words may be of both, of a name and an address or of a name and the
//!   beginning of an external id. A word of one or two letters is looked for at the beginnings of words alone; a text
//!   of a single plain letter is not looked for at all. Commas between words, and quotation marks and brackets around
//!   them, are no part of them.
//! - A workspace is found by the beginning of its external id, and all things by the beginning of their public one,
//!   of which at least the part before the first hyphen is needed.
//! - A whole id finds what it is the id of: a group, a workspace (by either of its ids), a person, an
//!   enrollment. What is found so is exact, and first.
//! - What begins with the text comes before what merely holds it, and what is live before what was removed.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
