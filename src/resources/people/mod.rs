//! The people who create rows and whom the logs name.
//!
//! - A person has a first name, a last name or both; a missing one is empty. They may have an e-mail address, which is
//!   unique regardless of case and Unicode form.
//! - Deleting a person erases their row. Enrollments that they created stay, with an empty `created_by`, and the logs
//!   keep their name. Their API tokens stop working, and their operator account can no longer sign in.

pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
