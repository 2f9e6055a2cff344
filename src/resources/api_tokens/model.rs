//! The words for API tokens.

use chrono::{DateTime, TimeDelta, Utc};

use crate::kernel::actor::PersonRef;
use crate::kernel::id::TokenId;
use crate::kernel::text::{Email, Name};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl ApiToken {
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
