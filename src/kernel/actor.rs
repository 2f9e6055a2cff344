//! Who makes a change, and through which entry point.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::PersonId;

/// A person with their display name at this moment, as the logs store it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRef {
    pub id: PersonId,
    pub name: String,
}

/// To whom a change is attributed. `person` is `None` for a system flow; `token_name` is set for changes
/// through the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub person: Option<PersonRef>,
    pub source: Source,
    pub token_name: Option<String>,
}

/// The entry point of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Web,
    Api,
    Cli,
    Import,
    Migration,
}

impl Source {
    pub const ALL: [Self; 5] = [Self::Web, Self::Api, Self::Cli, Self::Import, Self::Migration];

    pub const WORDS: [&'static str; 5] =
        [Self::Web.word(), Self::Api.word(), Self::Cli.word(), Self::Import.word(), Self::Migration.word()];

    /// The word in the database and in answers.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Api => "api",
            Self::Cli => "cli",
            Self::Import => "import",
            Self::Migration => "migration",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.word() == word)
    }
}

/// The role of an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads and exports everything.
    Support,
    /// Also changes everything.
    Admin,
}

impl Role {
    pub const ALL: [Self; 2] = [Self::Support, Self::Admin];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Support => "support",
            Self::Admin => "admin",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// May this role see and manage operators and tokens?
    pub const fn may_administer(self) -> bool {
        matches!(self, Self::Admin)
    }

    /// May this role change enrollments, groups, workspaces and people?
    pub const fn may_write(self) -> bool {
        matches!(self, Self::Admin)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
