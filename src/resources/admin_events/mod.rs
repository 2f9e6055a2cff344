//! The administration log: changes of groups, workspaces, people, operators and tokens, and sign-ins, successful or not.
//!
//! - An event is written in the transaction of the change that it records, and never changed.
//! - It names its subject by type and id, and by the name at that time.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
