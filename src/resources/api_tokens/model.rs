//! The words for API tokens.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::actor::PersonRef;
use crate::kernel::id::TokenId;
use crate::kernel::page::{KeyValue, Position};
use crate::kernel::text::{Email, Name};

/// A token, to lead to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRef {
    pub id: TokenId,
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    Read,
    Write,
    Pipeline,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Pipeline];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Pipeline => "pipeline",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

/// A token that works, as the door sees it.
#[derive(Debug, Clone)]
pub struct ApiToken {
    pub id: TokenId,
    pub name: String,
    /// `None`: a system token.
    pub person: Option<PersonRef>,
    pub scopes: Vec<Scope>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// How exactly the last use is known.
const LAST_USE_GRAIN: TimeDelta = TimeDelta::minutes(1);

impl ApiToken {
    /// Is its use now worth noting? A last use in the future is one that a wrong clock told.
    pub fn is_use_news(&self, now: DateTime<Utc>) -> bool {
        self.last_used_at.is_none_or(|last| last > now || now - last > LAST_USE_GRAIN)
    }

    /// `pipeline` stands for itself: it names attributions, and is no licence to run the flows.
    pub fn has(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

#[derive(Debug, Clone)]
pub enum TokenHolder {
    Person(Email),
    System,
}

#[derive(Debug, Clone)]
pub struct NewApiToken {
    pub name: Name,
    pub holder: TokenHolder,
    pub scopes: Vec<Scope>,
    /// `None`: never expires.
    pub valid_for: Option<TimeDelta>,
}

/// For whom a token acts, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holder {
    Person(PersonRef),
    /// Their token does not work any more.
    DeletedPerson,
    System,
}

/// Does a token work?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenStatus {
    Active,
    /// Since its last day.
    Expired,
    Revoked(DateTime<Utc>),
    /// Its person was deleted.
    WithoutPerson,
}

/// A token as lists show it: all but the text, which nobody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSummary {
    pub id: TokenId,
    pub name: String,
    /// How its text begins.
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
        if let Some(at) = self.revoked_at {
            return TokenStatus::Revoked(at);
        }
        match self.holder {
            Holder::DeletedPerson => TokenStatus::WithoutPerson,
            Holder::Person(_) | Holder::System => match self.expires_at {
                Some(at) if at <= now => TokenStatus::Expired,
                Some(_) | None => TokenStatus::Active,
            },
        }
    }
}

/// Where this token stands in the list, newest first.
pub fn token_position(token: &TokenSummary) -> Position {
    Position { keys: vec![KeyValue::Time(Some(token.created_at))], id: token.id.uuid() }
}
