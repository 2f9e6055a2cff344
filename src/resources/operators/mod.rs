//! The people who sign in to the desk.
//!
//! - An operator is linked to a person, who is the actor of what they do. An operator whose person
//!   was deleted, or who was disabled, cannot sign in, and a session of theirs stops working.
//! - A role: `support` reads everything, `admin` runs the flows too.
//! - A password is kept as an Argon2id hash. A wrong password, an unknown address and an operator
//!   without a password are told apart neither by answer nor by time.
//! - An operator without a password gets a one-time link, valid for [`model::LINK_VALID_HOURS`]
//!   hours, to choose one. Using the link, or a newer one, ends it.
//! - A new link for somebody who has a password takes that away and ends their sessions: it is made
//!   because the password was lost, or got into wrong hands. With the old one still working, whoever
//!   has it would stay in until the link is used, which may be never.
//! - Another role ends the operator's sessions too. It would hold at once without that, since the role
//!   is read with each request; but a session that was begun with less power, and may be in more hands,
//!   is not to grow.
//! - Nobody changes their own role, disables themselves or makes themselves a link. What would leave no
//!   admin who can sign in is refused, also if two try it at once: their rows are locked first.
//! - Who is disabled loses their sessions and links; who is enabled again has their old password.
//! - An operator whose person was deleted is invited anew under the same e-mail address.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod rules;
#[cfg(feature = "ssr")]
mod store;
