//! The log of enrollments: who enrolled and removed what, when, and through which door.
//!
//! - Every change of an enrollment writes one event, in the transaction of the change.
//! - An event is never changed and never deleted; the database refuses both. When a person is
//!   deleted, the link to them goes and their name as it was stays.
//! - An event names the actor (or nobody: a system flow), the token if by one, the request, the
//!   enrollment and its pair.
//! - An event appears when its transaction commits, and bears the moment at which its request began. So events
//!   do not appear in the order of their moments: whoever follows the log has to read some of it again.
//! - Rows that were there before the log have events with source `migration`: who enrolled them is
//!   taken from the row, who removed them is not known.

pub mod model;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
