//! The administration log: changes of groups, workspaces, people, operators and tokens, and sign-ins, successful or not.
//!
//! - An event is written in the transaction of the change that it records, and never changed.
//! - It names its subject by type and id, and by the name at that time.
//! - Admins read it on a page and export it; API clients need the scope `audit`, which no other scope includes.

pub mod model;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
