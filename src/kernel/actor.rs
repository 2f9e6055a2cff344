//! Who does something, and through which door.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::id::PersonId;

/// A person with the display name of this moment, as the logs keep it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRef {
    pub id: PersonId,
    pub name: String,
}

/// The one a change is put down to. `person` is `None` for a system flow; `token_name` says by
/// which API token, if by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub person: Option<PersonRef>,
    pub source: Source,
    pub token_name: Option<String>,
}

/// Through which door a change came in.
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

/// What an operator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads everything.
    Support,
    /// Reads everything and runs every flow.
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

    /// May this role run the flows that change anything?
    pub const fn may_write(self) -> bool {
        matches!(self, Self::Admin)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
