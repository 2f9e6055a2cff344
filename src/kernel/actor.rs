//! Who makes a change, and through which entry point.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};

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
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    IntoStaticStr,
    EnumString,
    VariantArray,
    VariantNames,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Source {
    Web,
    Api,
    Cli,
    Import,
    Migration,
}

/// The role of an operator.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, EnumString, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Role {
    /// Reads and exports everything.
    Support,
    /// Also changes everything.
    Admin,
}

impl Role {
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
        f.write_str(self.into_str())
    }
}
