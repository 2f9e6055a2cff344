//! The people who sign in on the pages.
//!
//! - An operator is linked to a person, who is the actor of the operator's changes. An operator whose person was deleted
//!   or who was disabled cannot sign in, and their sessions stop working. They get the same message as an unknown visitor.
//! - Passwords are stored as Argon2id hashes. A wrong password, an unknown address and an operator without a password
//!   cannot be distinguished by response or by time.
//! - A sign-in link lets an operator choose a password once, within [`model::LINK_VALID_HOURS`] hours. A new link ends the
//!   older ones, the password and all sessions, because it is created for a lost or stolen password: otherwise a thief
//!   would stay signed in until the link is used.
//! - A change of role ends all sessions: one that began with fewer rights, and may be shared, must not gain more.
//! - Through an identity provider an operator signs in as issuer and subject, the provider's permanent id. The two are
//!   linked at the first sign-in by an e-mail address that the provider calls verified, or by an admin; never later by
//!   another address, and never to a second subject, because addresses are reassigned. Signing in never creates an operator.
//! - Operators cannot change their own role, disable themselves or create a link for themselves. A change that would
//!   leave no admin who can sign in is refused, also if two run concurrently: the rows are locked first. The same holds
//!   on the pages for deleting the person of the last admin. The API, which synchronizes people with the platform, is
//!   not refused; the command line can then create a new admin.
//! - An operator whose person was deleted can be invited again under the same e-mail address, without the old link.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod rules;
#[cfg(feature = "ssr")]
mod store;
