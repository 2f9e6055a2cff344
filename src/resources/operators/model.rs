//! The types for operators.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::actor::{PersonRef, Role};
use crate::kernel::id::{OperatorId, PersonId};
use crate::kernel::page::{KeyValue, Position};
use crate::kernel::recency::is_from_the_future;

pub const LINK_VALID_HOURS: i64 = 72;
/// The minimum length of a password in characters. NIST SP 800-63B section 3.1.1.2 asks for 8 with a second factor and 15
/// without; 12 is a compromise.
pub const PASSWORD_MIN: usize = 12;
/// The maximum length in characters: anyone could make the server hash an endless password.
pub const PASSWORD_MAX: usize = 1024;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    pub id: OperatorId,
    pub email: String,
    pub role: Role,
    pub person: PersonRef,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorRef {
    pub id: OperatorId,
    pub email: String,
}

/// An identity that a provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub provider: String,
    pub issuer: String,
    /// The issuer's permanent id of the account.
    pub subject: String,
    pub email: Option<String>,
    /// `None`: the provider does not say.
    pub email_verified: Option<bool>,
}

/// An authenticated operator, for whom a session can begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    pub operator: Operator,
    /// The session is valid while the operator has this session generation.
    pub generation: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperatorStatus {
    Active,
    /// There is no password, and a sign-in link is valid until this time.
    LinkPending(DateTime<Utc>),
    /// There is no password and no valid link.
    LinkExpired,
    Disabled(DateTime<Utc>),
    WithoutPerson,
}

impl OperatorStatus {
    /// `can_authenticate`: the operator has a password or is linked to an identity provider. `link_expires_at`: the expiry
    /// of the unused sign-in link.
    pub fn of(
        has_person: bool,
        can_authenticate: bool,
        disabled_at: Option<DateTime<Utc>>,
        link_expires_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Self {
        // A link that expires later than a link created now was created while a clock was wrong.
        let is_future = |until| is_from_the_future(until, now + TimeDelta::hours(LINK_VALID_HOURS));
        match (disabled_at, link_expires_at) {
            (Some(at), _) => Self::Disabled(at),
            (None, _) if !has_person => Self::WithoutPerson,
            (None, _) if can_authenticate => Self::Active,
            (None, Some(until)) if until > now && !is_future(until) => Self::LinkPending(until),
            (None, Some(_) | None) => Self::LinkExpired,
        }
    }
}

/// An operator as lists show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorSummary {
    pub id: OperatorId,
    pub email: String,
    pub role: Role,
    pub person: Option<PersonRef>,
    pub status: OperatorStatus,
    pub created_at: DateTime<Utc>,
    pub last_signed_in_at: Option<DateTime<Utc>>,
    pub linked_at: Option<DateTime<Utc>>,
}

impl OperatorSummary {
    /// The person's name, or the e-mail address if the person was deleted.
    pub fn name(&self) -> &str {
        self.person.as_ref().map_or(&self.email, |person| &person.name)
    }
}

pub fn operator_position(operator: &OperatorSummary) -> Position {
    Position { keys: vec![KeyValue::Time(Some(operator.created_at))], id: operator.id.uuid() }
}

/// An operator whose row is locked, with the values that decisions depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedOperator {
    pub id: OperatorId,
    pub email: String,
    pub role: Role,
    pub person: Option<PersonId>,
    pub person_name: Option<String>,
    pub is_disabled: bool,
    pub has_password: bool,
    pub is_linked: bool,
}

impl LockedOperator {
    /// An admin who can sign in. A link to an identity provider counts even if no provider is configured any more: the
    /// command line can create a sign-in link.
    pub fn administers(&self) -> bool {
        let can_authenticate = self.has_password || self.is_linked;
        self.role == Role::Admin && !self.is_disabled && can_authenticate && self.person.is_some()
    }

    pub fn name(&self) -> &str {
        self.person_name.as_deref().unwrap_or(&self.email)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperatorChange {
    Role(Role),
    /// Ends the right to sign in, and the sign-in links.
    Disable,
    /// Restores the right to sign in, with the password from before.
    Enable,
    /// Removes the link to an identity provider.
    Unlink,
    /// Removes the password, for a new sign-in link.
    ClearPassword,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_names_what_prevents_signing_in() {
        let now: DateTime<Utc> = "2026-05-28T09:15:00Z".parse().unwrap();
        let later = now + TimeDelta::hours(1);
        let active = |disabled_at| OperatorStatus::of(true, true, disabled_at, None, now);
        let invited = |expires, now| OperatorStatus::of(true, false, None, Some(expires), now);
        assert_eq!(active(None), OperatorStatus::Active);
        assert_eq!(invited(later, now), OperatorStatus::LinkPending(later));
        assert_eq!(invited(later, later), OperatorStatus::LinkExpired);
        assert_eq!(invited(now + TimeDelta::days(53), now), OperatorStatus::LinkExpired);
        assert_eq!(OperatorStatus::of(true, false, None, None, now), OperatorStatus::LinkExpired);
        assert_eq!(OperatorStatus::of(true, true, None, Some(later), now), OperatorStatus::Active);
        assert_eq!(OperatorStatus::of(false, true, None, None, now), OperatorStatus::WithoutPerson);
        assert_eq!(OperatorStatus::of(false, true, Some(now), None, now), OperatorStatus::Disabled(now));
    }
}
