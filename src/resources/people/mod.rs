//! The persons in whose names things stand.
//!
//! - An e-mail address belongs to one person at most, whatever its case; a person may have none.
//! - Deleting a person is real: their row goes, what they enrolled stays with nobody as its
//!   `created_by`, and the logs keep the name they had.

pub mod model;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
