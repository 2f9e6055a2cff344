//! The log of everything else worth knowing: groups, workspaces and people made and removed,
//! operators and tokens made, sign-ins that worked and that did not.
//!
//! - An entry is written in the transaction of what it tells, and never changed.
//! - It names what it happened to by type, id and name as they were then.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
