//! The people who sign in on the pages.
//!
//! - An operator is linked to a person, who is the actor of the operator's changes. An operator whose person was deleted
//!   or who was disabled cannot sign in, and their sessions stop working.
//! - The role `support` reads everything; `admin` also changes everything.
//! - Passwords are stored as Argon2id hashes. A wrong password, an unknown address and an operator without a password
//!   cannot be distinguished by response or by time.
//! - An operator without a password gets a sign-in link, valid for [`model::LINK_VALID_HOURS`] hours, to choose one. Using
//!   the link, or creating a newer one, ends it.
//! - A new link also removes the current password and ends all sessions, because it is created for a lost or stolen
//!   password. Otherwise a thief would stay signed in until the link is used, which may be never.
//! - A change of role ends all sessions. The role is read at every request, so this is not needed for the change to take
//!   effect; but a session that began with fewer rights, and may be shared, must not gain more.
//! - Through an identity provider an operator signs in as issuer and subject, the provider's permanent id. The two are
//!   linked at the first sign-in by an e-mail address that the provider calls verified; never later by another address,
//!   and never to a second subject, because addresses are reassigned. Signing in never creates an operator.
//! - If a provider does not say whether addresses are verified, they count as unverified unless a setting says otherwise.
//!   An unverified address never links. An admin can link an operator to a subject directly.
//! - An operator who may not sign in with a password may not sign in through a provider either, and gets the same message
//!   as an unknown visitor.
//! - A new sign-in link keeps the link to a provider, because it is about a lost password. An admin can unlink, which
//!   ends the sessions; the next sign-in links again by e-mail address.
//! - Operators cannot change their own role, disable themselves or create a link for themselves. A change that would
//!   leave no admin who can sign in is refused, also if two run concurrently: the rows are locked first. The same holds
//!   on the pages for deleting the person of the last admin. The API, which synchronizes people with the platform, is
//!   not refused; the command line can then create a new admin.
//! - Disabling ends sessions and links; an operator who is enabled again has the old password.
//! - An operator whose person was deleted can be invited again under the same e-mail address, without the old link.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod rules;
#[cfg(feature = "ssr")]
mod store;
