//! The persons in whose names things stand.
//!
//! - A person has a first name, a last name or both: one is enough, and the other is empty then.
//! - An e-mail address belongs to one person at most, whatever its case and its form in Unicode; a person may have
//!   none.
//! - Who edits a person by a form does not overwrite what another made of them since they opened the form.
//! - Deleting a person is real: their row goes, what they enrolled stays with nobody as its
//!   `created_by`, and the logs keep the name they had. Their API tokens stop working, and an operator
//!   account of theirs can no longer sign in.
//! - Nobody deletes the person in whose name they are signed in at the desk.

pub mod model;
pub mod rules;

#[cfg(feature = "ssr")]
pub mod api;
#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
