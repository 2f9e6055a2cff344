//! A resource describes itself once, with a [`ResourceType`]. Reading, writing and the OpenAPI description use it.

use uuid::Uuid;

use super::document::Identifier;
use crate::jsonapi::error_code::ErrorCode;
use crate::kernel::problem::Privilege;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// One line that is not blank, of at most `max` characters.
    Text {
        max: usize,
    },
    /// One line that may be empty, of at most `max` characters.
    Part {
        max: usize,
    },
    /// Any number of lines, of at most `max` characters.
    Prose {
        max: usize,
    },
    Email,
    /// RFC 3339 in UTC with milliseconds.
    Time,
    /// One of these words.
    ShortText(&'static [&'static str]),
}

/// Who sets a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Only the system; a request that contains it is refused.
    Computed,
    /// The client, and it must when it creates the resource.
    Required,
    /// The client, if it wants to.
    Optional,
}

impl Access {
    pub const fn is_writable(self) -> bool {
        matches!(self, Self::Required | Self::Optional)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    pub name: &'static str,
    pub form: ValueType,
    pub nullable: bool,
    pub access: Access,
    /// The description in the API documentation.
    pub about: &'static str,
    /// The value in examples; empty for null.
    pub example: &'static str,
}

impl Attribute {
    pub const fn computed(
        name: &'static str,
        form: ValueType,
        nullable: bool,
        about: &'static str,
        example: &'static str,
    ) -> Self {
        Self { name, form, nullable, access: Access::Computed, about, example }
    }

    /// A computed time.
    pub const fn moment(name: &'static str, about: &'static str) -> Self {
        Self::computed(name, ValueType::Time, false, about, MOMENT)
    }

    /// A computed time that may be unknown.
    pub const fn moment_or_null(name: &'static str, about: &'static str) -> Self {
        Self::computed(name, ValueType::Time, true, about, MOMENT)
    }

    /// When the resource was removed; null in examples.
    pub const fn removal(about: &'static str) -> Self {
        Self::computed("deleted_at", ValueType::Time, true, about, "")
    }
}

const MOMENT: &str = "2026-05-28T09:15:00.000Z";

/// A to-one relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToOne {
    pub name: &'static str,
    /// The related type.
    pub kind: &'static str,
    pub nullable: bool,
    /// Who sets it when the resource is created.
    pub access: Access,
    /// Whether a client may change it later.
    pub updatable: bool,
    pub about: &'static str,
}

/// A to-many relationship. Resources contain only its links, because it may have any number of members; its own URLs
/// page through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToMany {
    pub name: &'static str,
    pub kind: &'static str,
    /// Whether a client may set it when it creates the resource, and add and remove members.
    pub writable: bool,
    pub about: &'static str,
}

/// The values that a filter accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterForm {
    /// One id, or several separated by commas.
    Ids,
    /// Ids, or the word `none`.
    IdsOrNone,
    /// One of these words, or several separated by commas.
    Words(&'static [&'static str]),
    /// One of these words.
    ShortText(&'static [&'static str]),
    Text,
    Time,
    /// Two parameters, `[gte]` and `[lt]`, each a time.
    TimeRange,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    pub name: &'static str,
    pub form: FilterForm,
    pub about: &'static str,
}

/// What the URLs of a resource type support.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    List,
    Retrieve,
    Create,
    Update,
    Delete,
}

#[derive(Debug)]
pub struct ResourceType {
    /// The JSON:API type.
    pub kind: &'static str,
    /// The path of the collection, such as `/v1/workspaces`.
    pub base: &'static str,
    /// Singular and plural in prose.
    pub noun: (&'static str, &'static str),
    pub about: &'static str,
    pub verbs: &'static [Verb],
    pub attributes: &'static [Attribute],
    pub to_one: &'static [ToOne],
    pub to_many: &'static [ToMany],
    pub filters: &'static [Filter],
    /// The words that `sort` accepts.
    pub sorts: &'static [&'static str],
    pub sort_default: &'static str,
    /// The paths that `include` accepts.
    pub includes: &'static [&'static str],
    /// The privileges of which each allows a client to read resources of this type.
    pub read_by: &'static [Privilege],
    /// The error code for a missing resource.
    pub not_found: &'static ErrorCode,
}

impl ResourceType {
    /// The identifier of the resource of this type with this id.
    pub const fn identifier(&self, id: Uuid) -> Identifier {
        Identifier { kind: self.kind, id }
    }

    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    pub fn to_one(&self, name: &str) -> Option<&'static ToOne> {
        self.to_one.iter().find(|relationship| relationship.name == name)
    }

    pub fn to_many(&self, name: &str) -> Option<&'static ToMany> {
        self.to_many.iter().find(|relationship| relationship.name == name)
    }

    pub fn has_relationship(&self, name: &str) -> bool {
        self.to_one(name).is_some() || self.to_many(name).is_some()
    }

    /// Attributes and relationships are one namespace (JSON:API section "Fields").
    pub fn has_field(&self, name: &str) -> bool {
        self.attribute(name).is_some() || self.has_relationship(name)
    }
}
