//! The words for operators.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::actor::{PersonRef, Role};
use crate::kernel::id::OperatorId;
use crate::kernel::page::{KeyValue, Position};
use crate::kernel::recency::is_from_the_future;

/// How long a one-time link may be used.
pub const LINK_VALID_HOURS: i64 = 72;
/// The fewest characters of a password (NIST SP 800-63B section 3.1.1.2 asks for 8 beside another
/// factor and 15 alone; 12 is the bargain that we strike).
pub const PASSWORD_MIN: usize = 12;
/// The most: hashing an endless password is work that a stranger could ask for.
pub const PASSWORD_MAX: usize = 1024;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    pub id: OperatorId,
    pub email: String,
    pub role: Role,
    pub person: PersonRef,
}

/// An account of somebody, to lead to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorRef {
    pub id: OperatorId,
    pub email: String,
}

/// Whom an identity provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// What the provider is called.
    pub provider: String,
    pub issuer: String,
    /// By which the issuer knows them for ever.
    pub subject: String,
    pub email: Option<String>,
    /// Is the address theirs? `None`: the provider does not say.
    pub email_verified: Option<bool>,
}

/// Somebody who has proven who they are: what a session is begun with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    pub operator: Operator,
    /// The session works as long as the operator has this number.
    pub generation: i32,
}

/// Where an operator stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OperatorStatus {
    Active,
    /// No password yet, or not any more; a link to choose one waits until then.
    LinkPending(DateTime<Utc>),
    /// No password, and no link that still works.
    LinkExpired,
    Disabled(DateTime<Utc>),
    /// The person behind them was deleted.
    WithoutPerson,
}

/// What of an operator's row says where they stand.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    pub has_person: bool,
    pub has_password: bool,
    /// Signs in by an identity provider.
    pub is_linked: bool,
    pub disabled_at: Option<DateTime<Utc>>,
    /// Of the link that was not used, if there is one.
    pub link_expires_at: Option<DateTime<Utc>>,
}

impl Facts {
    pub fn status(self, now: DateTime<Utc>) -> OperatorStatus {
        let Self { has_person, has_password, is_linked, disabled_at, link_expires_at } = self;
        if let Some(at) = disabled_at {
            return OperatorStatus::Disabled(at);
        }
        // A link that expires later than any that is made now was made while a clock was wrong.
        let is_future = |until| is_from_the_future(until, now + TimeDelta::hours(LINK_VALID_HOURS));
        match (has_person, has_password || is_linked, link_expires_at) {
            (false, _, _) => OperatorStatus::WithoutPerson,
            (true, true, _) => OperatorStatus::Active,
            (true, false, Some(until)) if until > now && !is_future(until) => {
                OperatorStatus::LinkPending(until)
            }
            (true, false, Some(_) | None) => OperatorStatus::LinkExpired,
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
    /// Since when they are linked to an identity provider.
    pub linked_at: Option<DateTime<Utc>>,
}

impl OperatorSummary {
    /// The person's name, or the e-mail address where there is none.
    pub fn name(&self) -> &str {
        self.person.as_ref().map_or(&self.email, |person| &person.name)
    }
}

/// Where this operator stands in the list, last added first.
pub fn operator_position(operator: &OperatorSummary) -> Position {
    Position { keys: vec![KeyValue::Time(Some(operator.created_at))], id: operator.id.uuid() }
}

/// What a decision about an operator needs to know of each of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub id: OperatorId,
    pub email: String,
    pub role: Role,
    pub person: Option<PersonRef>,
    pub is_disabled: bool,
    pub has_password: bool,
    pub is_linked: bool,
}

impl Standing {
    /// Could they sign in now and do what admins do? (By a provider, too: where it is set up no more, the
    /// owner of the machine lets them in.)
    pub fn administers(&self) -> bool {
        let has_way_in = self.has_password || self.is_linked;
        self.role == Role::Admin && !self.is_disabled && has_way_in && self.person.is_some()
    }

    pub fn name(&self) -> &str {
        self.person.as_ref().map_or(&self.email, |person| &person.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_what_stands_in_the_way_of_signing_in() {
        let now: DateTime<Utc> = "2026-05-28T09:15:00Z".parse().unwrap();
        let later = now + TimeDelta::hours(1);
        let whole = Facts {
            has_person: true,
            has_password: true,
            is_linked: false,
            disabled_at: None,
            link_expires_at: None,
        };
        let invited = Facts { has_password: false, link_expires_at: Some(later), ..whole };
        assert_eq!(whole.status(now), OperatorStatus::Active);
        assert_eq!(invited.status(now), OperatorStatus::LinkPending(later));
        assert_eq!(invited.status(later), OperatorStatus::LinkExpired);
        let ahead = Facts { link_expires_at: Some(now + TimeDelta::days(53)), ..invited };
        assert_eq!(ahead.status(now), OperatorStatus::LinkExpired);
        assert_eq!(Facts { is_linked: true, ..invited }.status(now), OperatorStatus::Active);
        assert_eq!(Facts { has_person: false, ..whole }.status(now), OperatorStatus::WithoutPerson);
        assert_eq!(
            Facts { disabled_at: Some(now), has_person: false, ..whole }.status(now),
            OperatorStatus::Disabled(now)
        );
    }
}
