//! Who makes a change, and through which entry point.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray, VariantNames};

use super::id::PersonId;
use super::topic::{Topic, TopicKind};

/// A person with their display name at this moment, as the logs store it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRef {
    pub id: PersonId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// `None` for a system token or a command without a person.
    pub person: Option<PersonRef>,
    pub source: Source,
    pub token_name: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(IntoStaticStr, EnumString, VariantArray, VariantNames)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Source {
    Web,
    Api,
    Cli,
    Import,
    Migration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[derive(Display, IntoStaticStr, EnumString, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Role {
    /// Reads and exports everything.
    Support,
    /// Reads, exports and changes everything.
    Admin,
}

impl Role {
    pub const fn may_administer(self) -> bool {
        matches!(self, Self::Admin)
    }

    pub const fn may_write(self) -> bool {
        matches!(self, Self::Admin)
    }
}

impl Topic {
    /// May an operator with this role receive notifications about the topic? Where only admins may see the rows, that
    /// something has changed is as secret as the change itself.
    pub const fn is_for(&self, role: Role) -> bool {
        match self.kind {
            TopicKind::Group
            | TopicKind::Workspace
            | TopicKind::Person
            | TopicKind::Enrollment
            | TopicKind::Import => true,
            TopicKind::Operator | TopicKind::Token | TopicKind::AdminEvent => role.may_administer(),
        }
    }
}
