//! The log of enrollments: who enrolled and removed what, when, and from which source.
//!
//! - Every change of an enrollment writes one event, in the transaction of the change.
//! - The database refuses to change or delete an event. When a person is deleted, events lose the link and keep the name.
//! - An event becomes visible when its transaction commits, and has the time at which its request began. Events therefore
//!   do not appear in the order of their times, and a client that follows the log has to read a part of it again.
//! - Rows that existed before the log have events with the source `migration`; who removed them is unknown.

pub mod model;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
