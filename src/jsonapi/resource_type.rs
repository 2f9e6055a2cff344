//! A resource describes itself once, with a [`ResourceType`]. Reading, writing and the OpenAPI description use it.

use uuid::Uuid;

use super::document::{Identifier, RelationshipData, Resource, Scalar};
use crate::jsonapi::error_code::ErrorCode;
use crate::kernel::problem::Privilege;
use crate::kernel::text::NAME_MAX;

type Str = &'static str;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// One line that is not blank, of at most this many characters.
    Text(usize),
    /// One line that may be empty, of at most this many characters.
    Part(usize),
    /// Any number of lines, of at most this many characters.
    Prose(usize),
    Email,
    /// RFC 3339 in UTC with milliseconds.
    Time,
    OneOf(&'static [Str]),
    /// A number of resources that is counted only if `fields` names the attribute.
    Count,
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
    pub name: Str,
    pub value_type: ValueType,
    pub nullable: bool,
    pub access: Access,
    pub about: Str,
    /// The value in examples. An empty string means that there is none: responses show null, and requests omit the
    /// attribute.
    pub example: Str,
}

impl Attribute {
    const fn computed(name: Str, value_type: ValueType, nullable: bool, about: Str, example: Str) -> Self {
        Self { name, value_type, nullable, access: Access::Computed, about, example }
    }

    /// One of these words, which only the system sets.
    pub const fn word(name: Str, words: &'static [Str], about: Str, example: Str) -> Self {
        Self::computed(name, ValueType::OneOf(words), false, about, example)
    }

    /// Text that only the system sets, or null. The documents of responses show no limit of its length.
    pub const fn text_or_null(name: Str, about: Str, example: Str) -> Self {
        Self::computed(name, ValueType::Text(NAME_MAX), true, about, example)
    }

    pub const fn required(name: Str, value_type: ValueType, about: Str, example: Str) -> Self {
        Self { name, value_type, nullable: false, access: Access::Required, about, example }
    }

    /// An attribute that the client may set, or empty with null.
    pub const fn optional(name: Str, value_type: ValueType, about: Str, example: Str) -> Self {
        Self { name, value_type, nullable: true, access: Access::Optional, about, example }
    }

    pub const fn moment(name: Str, about: Str) -> Self {
        Self::computed(name, ValueType::Time, false, about, MOMENT)
    }

    pub const fn moment_or_null(name: Str, about: Str) -> Self {
        Self::computed(name, ValueType::Time, true, about, MOMENT)
    }

    /// A number that responses contain only if `fields` names it.
    pub const fn count(name: Str, about: Str, example: Str) -> Self {
        Self::computed(name, ValueType::Count, false, about, example)
    }

    pub const fn is_on_request(&self) -> bool {
        matches!(self.value_type, ValueType::Count)
    }

    /// When the resource was removed; null in examples.
    pub const fn removal(about: Str) -> Self {
        Self::computed("deleted_at", ValueType::Time, true, about, "")
    }
}

const MOMENT: &str = "2026-05-28T09:15:00.000Z";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relationship {
    pub name: Str,
    pub type_name: Str,
    /// Resources contain only the links of a to-many relationship, because it may have any number of members. Its own
    /// URLs page through them.
    pub is_many: bool,
    pub nullable: bool,
    /// Who sets it when the resource is created.
    pub access: Access,
    /// Whether a client may change it later: replace the related resource, or add and remove members.
    pub updatable: bool,
    pub about: Str,
}

impl Relationship {
    /// A to-one relationship that only the system sets.
    pub const fn computed(name: Str, type_name: Str, nullable: bool, about: Str) -> Self {
        Self { name, type_name, is_many: false, nullable, access: Access::Computed, updatable: false, about }
    }
}

/// The characters of a text that enrollments and their events are searched for.
pub const SEARCH_MAX: usize = 255;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterType {
    /// One id.
    Id,
    /// One id, or several separated by commas.
    Ids,
    /// Ids, or the word `none`.
    IdsOrNone,
    /// One of these words, or several separated by commas.
    SomeOf(&'static [Str]),
    OneOf(&'static [Str]),
    Text,
    /// A text of 1 to [`SEARCH_MAX`] characters.
    Search,
    Time,
    /// Two parameters, `[gte]` and `[lt]`, each a time.
    TimeRange,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    pub name: Str,
    pub accepts: FilterType,
    pub about: Str,
}

impl Filter {
    pub const fn new(name: Str, accepts: FilterType, about: Str) -> Self {
        Self { name, accepts, about }
    }
}

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
    pub type_name: Str,
    /// The path of the collection, such as `/v1/workspaces`.
    pub base: Str,
    pub noun: (Str, Str),
    pub about: Str,
    pub verbs: &'static [Verb],
    pub attributes: &'static [Attribute],
    pub relationships: &'static [Relationship],
    pub filters: &'static [Filter],
    pub sorts: &'static [Str],
    pub sort_default: Str,
    pub includes: &'static [Str],
    /// The privileges of which each allows a client to read resources of this type.
    pub read_by: &'static [Privilege],
    pub not_found: &'static ErrorCode,
}

impl ResourceType {
    pub const fn identifier(&self, id: Uuid) -> Identifier {
        Identifier { type_name: self.type_name, id }
    }

    /// A resource of this type, with its attributes and relationships in the order of their declaration, and without those
    /// that are on request.
    pub fn resource<const A: usize, const R: usize>(
        &'static self,
        id: Uuid,
        attributes: [Scalar; A],
        relationships: [RelationshipData; R],
    ) -> Resource {
        let always = self.attributes.iter().filter(|attribute| !attribute.is_on_request());
        debug_assert_eq!((A, R), (always.clone().count(), self.relationships.len()));
        let attribute_names = always.map(|attribute| attribute.name);
        let relationship_names = self.relationships.iter().map(|relationship| relationship.name);
        Resource {
            resource_type: self,
            id,
            attributes: attribute_names.zip(attributes).collect(),
            relationships: relationship_names.zip(relationships).collect(),
        }
    }

    /// The linkage of a to-one relationship to the resource of this type with this id, or to none.
    pub fn linkage(&self, id: impl Into<Option<Uuid>>) -> RelationshipData {
        RelationshipData::One(id.into().map(|id| self.identifier(id)))
    }

    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    pub fn relationship(&self, name: &str) -> Option<&'static Relationship> {
        self.relationships.iter().find(|relationship| relationship.name == name)
    }

    /// Attributes and relationships are one namespace (JSON:API section "Fields").
    pub fn has_field(&self, name: &str) -> bool {
        self.attribute(name).is_some() || self.relationship(name).is_some()
    }
}
