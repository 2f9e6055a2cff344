//! Who makes a change, and through which entry point.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray, VariantNames};

use super::id::PersonId;
use super::problem::{Field, InvalidField, Problem};
use super::text::{Reason, Reference, TextFault};
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

/// What a person or client says about a change. It is recorded with each event of the change and never edited.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChangeNote {
    pub reason: Option<Reason>,
    pub reference: Option<Reference>,
}

impl ChangeNote {
    /// Blank texts are none.
    ///
    /// # Errors
    /// [`Problem::Invalid`] for each text that is not valid.
    pub fn parse(reason: &str, reference: &str) -> Result<Self, Problem> {
        let checked = (
            optional(Field::Reason, reason, Reason::parse),
            optional(Field::Reference, reference, Reference::parse),
        );
        match checked {
            (Ok(reason), Ok(reference)) => Ok(Self { reason, reference }),
            (reason, reference) => {
                Err(Problem::Invalid(reason.err().into_iter().chain(reference.err()).collect()))
            }
        }
    }

    /// This note, with what only the other one has.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { reason: self.reason.or(other.reason), reference: self.reference.or(other.reference) }
    }

    pub const fn is_empty(&self) -> bool {
        self.reason.is_none() && self.reference.is_none()
    }

    pub fn reason(&self) -> Option<&str> {
        self.reason.as_ref().map(Reason::as_str)
    }

    pub fn reference(&self) -> Option<&str> {
        self.reference.as_ref().map(Reference::as_str)
    }
}

fn optional<T>(
    field: Field,
    text: &str,
    parse: fn(&str) -> Result<T, TextFault>,
) -> Result<Option<T>, InvalidField> {
    match parse(text) {
        Ok(parsed) => Ok(Some(parsed)),
        Err(TextFault::Blank) => Ok(None),
        Err(fault) => Err(InvalidField { field, fault }),
    }
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
