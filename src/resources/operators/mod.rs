//! The people who sign in to the desk.
//!
//! - An operator is linked to a person, who is the actor of what they do. An operator whose person
//!   was deleted, or who was disabled, cannot sign in, and a session of theirs stops working.
//! - A role: `support` reads everything, `admin` runs the flows too.
//! - A password is kept as an Argon2id hash. A wrong password, an unknown address and an operator
//!   without a password are told apart neither by answer nor by time.
//! - An operator without a password gets a one-time link, valid for [`model::LINK_VALID_HOURS`]
//!   hours, to choose one. Using the link, or a newer one, ends it.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod store;
