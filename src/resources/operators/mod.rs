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
//! - By an identity provider, where one is set up, an operator signs in as whom the provider knows for ever:
//!   issuer and subject, which are linked to the operator. They are linked the first time, by an e-mail address
//!   that the provider says is verified and that is an operator's; never later by another address, and never
//!   to a second subject, since an address may be given to somebody else. Nobody becomes an operator by
//!   signing in, and no password is needed.
//! - A provider that does not say whether addresses are verified is not believed that they are, unless a setting
//!   says so of it. What it says is not verified never links. An admin links an operator to a subject directly.
//! - Who may not sign in with a password (disabled, or the person was deleted) may not by a provider either,
//!   and hears what a stranger hears.
//! - A link to a provider is not ended by a new sign-in link, which is about a lost password. An admin ends it,
//!   and the sessions with it; the next sign-in links anew, by e-mail address.
//! - Nobody changes their own role, disables themselves or makes themselves a link. What would leave no
//!   admin who can sign in is refused, also if two try it at once: their rows are locked first. So is, at the
//!   desk, deleting the person of the last one. A machine that keeps the people in step with the platform is
//!   not refused: then the command line makes a new admin.
//! - Who is disabled loses their sessions and links; who is enabled again has their old password.
//! - An operator whose person was deleted is invited anew under the same e-mail address, and not linked.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
mod rules;
#[cfg(feature = "ssr")]
mod store;
