//! How a resource says what it is, once: for reading, for writing, and for the machine-readable
//! description.

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// One line of at most so many characters, not blank.
    Text {
        max: usize,
    },
    /// The same, or empty.
    Part {
        max: usize,
    },
    /// Running text of at most so many characters: several lines, or none.
    Prose {
        max: usize,
    },
    Email,
    /// RFC 3339 in UTC with milliseconds.
    Time,
    /// One of these.
    ShortText(&'static [&'static str]),
}

/// Who says what a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The system alone: naming it in a write is refused as such.
    Computed,
    /// A client, and has to when the resource is created.
    Required,
    /// A client, who may leave it out.
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
    /// What it says, for the description.
    pub about: &'static str,
    /// A value of it; empty where it is null in examples.
    pub example: &'static str,
}

impl Attribute {
    /// One that the system alone says.
    pub const fn computed(
        name: &'static str,
        form: ValueType,
        nullable: bool,
        about: &'static str,
        example: &'static str,
    ) -> Self {
        Self { name, form, nullable, access: Access::Computed, about, example }
    }

    /// When something happened.
    pub const fn moment(name: &'static str, about: &'static str) -> Self {
        Self::computed(name, ValueType::Time, false, about, MOMENT)
    }

    /// The same, of what may not be known.
    pub const fn moment_or_null(name: &'static str, about: &'static str) -> Self {
        Self::computed(name, ValueType::Time, true, about, MOMENT)
    }

    /// When the resource was removed, which those of examples are not.
    pub const fn removal(about: &'static str) -> Self {
        Self::computed("deleted_at", ValueType::Time, true, about, "")
    }
}

/// A moment as documents write it.
const MOMENT: &str = "2026-05-28T09:15:00.000Z";

/// A to-one relationship.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToOne {
    pub name: &'static str,
    /// The type on the other end.
    pub kind: &'static str,
    /// May there be nothing on the other end?
    pub nullable: bool,
    /// Of a creation.
    pub access: Access,
    /// May an update change it?
    pub updatable: bool,
    pub about: &'static str,
}

/// A to-many relationship. It is shown by its links alone: the other end may be any number of
/// resources, which its own addresses page through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToMany {
    pub name: &'static str,
    pub kind: &'static str,
    /// May it be named when the resource is created, and members be added and removed?
    pub writable: bool,
    pub about: &'static str,
}

/// What a filter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterForm {
    /// One id, or several with commas between.
    Ids,
    /// The same, or `none`.
    IdsOrNone,
    /// One of these words, or several with commas between.
    Words(&'static [&'static str]),
    /// One of these words.
    ShortText(&'static [&'static str]),
    Text,
    /// A moment.
    Time,
    /// `[gte]` and `[lt]`, each a moment.
    TimeRange,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    pub name: &'static str,
    pub form: FilterForm,
    pub about: &'static str,
}

/// What can be done at a resource's addresses.
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
    /// The path of the collection, as in `/v1/workspaces`.
    pub base: &'static str,
    /// One, and several, in prose.
    pub noun: (&'static str, &'static str),
    pub about: &'static str,
    pub verbs: &'static [Verb],
    pub attributes: &'static [Attribute],
    pub to_one: &'static [ToOne],
    pub to_many: &'static [ToMany],
    pub filters: &'static [Filter],
    /// The words that `sort` takes.
    pub sorts: &'static [&'static str],
    pub sort_default: &'static str,
    /// The paths that `include` takes.
    pub includes: &'static [&'static str],
    /// The code of "there is no such resource".
    pub not_found: &'static str,
}

impl ResourceType {
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
