//! The types for API tokens.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::kernel::actor::PersonRef;
use crate::kernel::id::TokenId;
use crate::kernel::page::{KeyValue, Position};
use crate::kernel::problem::Privilege;
use crate::kernel::text::{Email, Name};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRef {
    pub id: TokenId,
    pub name: String,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, EnumString, VariantArray,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Scope {
    Read,
    Write,
    Pipeline,
    Audit,
}

impl Scope {
    /// The narrowest scope that grants a privilege of tokens.
    pub fn granting(privilege: Privilege) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|scope| scope.privileges().contains(&privilege))
    }

    pub const fn privileges(self) -> &'static [Privilege] {
        match self {
            Self::Read => &[Privilege::Read],
            Self::Write => &[Privilege::Read, Privilege::Write],
            Self::Pipeline => &[Privilege::Read, Privilege::Attribute],
            Self::Audit => &[Privilege::Audit],
        }
    }
}

#[derive(Debug, Clone)]
pub struct ApiToken {
    pub id: TokenId,
    pub name: String,
    /// `None` for a system token.
    pub person: Option<PersonRef>,
    pub scopes: Vec<Scope>,
    pub expires_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
}

const LAST_USE_GRAIN: TimeDelta = TimeDelta::minutes(1);

impl ApiToken {
    /// Whether a use now is worth writing. A last use in the future comes from a wrong clock.
    pub fn should_record_use(&self, now: DateTime<Utc>) -> bool {
        self.last_used_at.is_none_or(|last| last > now || now - last > LAST_USE_GRAIN)
    }

    /// The time in which the token need not be read again, if it was used now: until it expires, or its use is worth
    /// writing again.
    pub fn usable(&self, now: DateTime<Utc>) -> Range<DateTime<Utc>> {
        let from = self.last_used_at.filter(|_| !self.should_record_use(now)).unwrap_or(now);
        let until = from + LAST_USE_GRAIN;
        from..self.expires_at.map_or(until, |at| at.min(until))
    }
}

#[derive(Debug, Clone)]
pub struct NewApiToken {
    pub name: Name,
    /// `None`: a system token.
    pub person: Option<Email>,
    pub scopes: Vec<Scope>,
    /// `None`: the token never expires.
    pub valid_for: Option<TimeDelta>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    Person(PersonRef),
    DeletedPerson,
    System,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenStatus {
    Active,
    Expired,
    Revoked(DateTime<Utc>),
    WithoutPerson,
}

/// A token as lists show it, without its text, which is not stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSummary {
    pub id: TokenId,
    pub name: String,
    /// The beginning of its text.
    pub prefix: String,
    pub holder: Holder,
    pub scopes: Vec<Scope>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

impl TokenSummary {
    pub fn status(&self, now: DateTime<Utc>) -> TokenStatus {
        match (self.revoked_at, &self.holder) {
            (Some(at), _) => TokenStatus::Revoked(at),
            (None, Holder::DeletedPerson) => TokenStatus::WithoutPerson,
            (None, _) if self.expires_at.is_some_and(|at| at <= now) => TokenStatus::Expired,
            (None, Holder::Person(_) | Holder::System) => TokenStatus::Active,
        }
    }
}

pub fn token_position(token: &TokenSummary) -> Position {
    Position { keys: vec![KeyValue::Time(Some(token.created_at))], id: token.id.uuid() }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    /// It is read again when its use is to be recorded again, and not used after its expiry.
    #[test]
    fn token_is_usable_for_a_minute_after_its_recorded_use() {
        for (last_used, expires, usable) in [
            (None, None, 100..160),
            (Some(30), None, 100..160),
            (Some(90), None, 90..150),
            (Some(500), None, 100..160),
            (None, Some(120), 100..120),
        ] {
            let token = ApiToken {
                id: TokenId::new(Uuid::nil()),
                name: "robot".to_owned(),
                person: None,
                scopes: vec![Scope::Read],
                expires_at: expires.map(at),
                last_used_at: last_used.map(at),
            };
            assert_eq!(token.usable(at(100)), at(usable.start)..at(usable.end), "{last_used:?} {expires:?}");
        }
    }
}
