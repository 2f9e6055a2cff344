//! Documents that go out (JSON:API section "Document Structure").

use std::collections::HashSet;

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::media_type::{ATOMIC, CURSOR_PAGINATION};
use crate::jsonapi::projection::Projection;
use crate::jsonapi::resource_type::ResourceType;

/// The value of an attribute, written when the document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scalar {
    Text(String),
    ShortText(&'static str),
    Time(DateTime<Utc>),
    Null,
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&'static str> for Scalar {
    fn from(word: &'static str) -> Self {
        Self::ShortText(word)
    }
}

impl From<DateTime<Utc>> for Scalar {
    fn from(time: DateTime<Utc>) -> Self {
        Self::Time(time)
    }
}

impl<T: Into<Self>> From<Option<T>> for Scalar {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl Serialize for Scalar {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::ShortText(word) => serializer.serialize_str(word),
            Self::Time(time) => serializer.serialize_str(Timestamp::new(*time).as_str()),
            Self::Null => serializer.serialize_unit(),
        }
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-05-28T09:15:00.000Z`. Written digit by digit: a page holds
/// hundreds of them, and a formatter would spend more time on them than on all else.
pub struct Timestamp([u8; 24]);

impl Timestamp {
    /// Of a time in the years 0 to 9999, which is what the databases and the filters hold.
    pub fn new(time: DateTime<Utc>) -> Self {
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let year = u32::try_from(time.year()).unwrap_or(0);
        for (end, digits, value) in [
            (4, 4, year),
            (7, 2, time.month()),
            (10, 2, time.day()),
            (13, 2, time.hour()),
            (16, 2, time.minute()),
            (19, 2, time.second()),
            (23, 3, time.timestamp_subsec_millis().min(999)),
        ] {
            write_digits(&mut text[end - digits..end], value);
        }
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

fn write_digits(to: &mut [u8], mut value: u32) {
    for digit in to.iter_mut().rev() {
        *digit = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
    }
}

/// A resource identifier object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Identifier {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub id: Uuid,
}

/// What a relationship tells of its other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationshipData {
    /// To one, or to nothing.
    One(Option<Identifier>),
    /// To many: only where to find them.
    Many,
}

/// A resource object.
#[derive(Debug, Clone)]
pub struct Resource {
    pub resource_type: &'static ResourceType,
    pub id: Uuid,
    pub attributes: Vec<(&'static str, Scalar)>,
    pub relationships: Vec<(&'static str, RelationshipData)>,
}

impl Resource {
    pub fn path(&self) -> String {
        let mut id = Uuid::encode_buffer();
        [self.resource_type.base, "/", self.id.hyphenated().encode_lower(&mut id)].concat()
    }

    /// The other end of a to-one relationship; `None` where there is nothing.
    pub fn end(&self, name: &str) -> Option<Identifier> {
        self.relationships.iter().find(|(known, _)| *known == name).and_then(|(_, ends)| match ends {
            RelationshipData::One(identifier) => *identifier,
            RelationshipData::Many => None,
        })
    }
}

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let path = self.path();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.resource_type.kind)?;
        map.serialize_entry("id", &self.id)?;
        if !self.attributes.is_empty() {
            map.serialize_entry("attributes", &Members(&self.attributes))?;
        }
        if !self.relationships.is_empty() {
            map.serialize_entry("relationships", &Relationships { path: &path, all: &self.relationships })?;
        }
        map.serialize_entry("links", &SelfLink { this: &path })?;
        map.end()
    }
}

struct Members<'a>(&'a [(&'static str, Scalar)]);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[derive(Serialize)]
struct SelfLink<'a> {
    #[serde(rename = "self")]
    this: &'a str,
}

struct Relationships<'a> {
    path: &'a str,
    all: &'a [(&'static str, RelationshipData)],
}

struct Relationship<'a> {
    ends: RelationshipData,
    links: RelationshipLinks<'a>,
}

impl Serialize for Relationship<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let RelationshipData::One(identifier) = self.ends {
            map.serialize_entry("data", &identifier)?;
        }
        map.serialize_entry("links", &self.links)?;
        map.end()
    }
}

/// Written straight into the document: a list has them by the dozen.
struct RelationshipLinks<'a> {
    path: &'a str,
    name: &'a str,
}

impl Serialize for RelationshipLinks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const RELATIONSHIPS: &str = "/relationships/";
        let mut link = String::with_capacity(self.path.len() + RELATIONSHIPS.len() + self.name.len());
        let mut map = serializer.serialize_map(Some(2))?;
        link.push_str(self.path);
        link.push_str(RELATIONSHIPS);
        link.push_str(self.name);
        map.serialize_entry("self", link.as_str())?;
        link.truncate(self.path.len() + 1);
        link.push_str(self.name);
        map.serialize_entry("related", link.as_str())?;
        map.end()
    }
}

impl Serialize for Relationships<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.all.iter().map(|(name, ends)| {
            (name, Relationship { ends: *ends, links: RelationshipLinks { path: self.path, name } })
        }))
    }
}

/// A document of one resource.
#[derive(Debug, Serialize)]
pub struct Single {
    pub data: Option<Resource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub included: Option<Vec<Resource>>,
    pub links: Links,
}

/// A document of one page of a list, of resources or of identifiers.
#[derive(Debug, Serialize)]
pub struct Collection<T> {
    pub jsonapi: Implementation,
    pub data: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub included: Option<Vec<Resource>>,
    pub links: PageLinks,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<PageMeta>,
}

/// What of the standard a document makes use of. A document to which no extension and no profile
/// applies goes without.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Implementation {
    version: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    ext: &'static [&'static str],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    profile: &'static [&'static str],
}

impl Implementation {
    pub const PAGED: Self = Self { version: "1.1", ext: &[], profile: &[CURSOR_PAGINATION] };
    pub const ATOMIC: Self = Self { version: "1.1", ext: &[ATOMIC], profile: &[] };
}

/// `meta.page.total`: how many there are on all pages.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct PageMeta {
    page: Total,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Total {
    total: i64,
}

impl PageMeta {
    pub const fn total(total: i64) -> Self {
        Self { page: Total { total } }
    }
}

/// A document of a to-one relationship.
#[derive(Serialize)]
pub struct Linkage {
    data: Option<Identifier>,
    links: OwnedRelationshipLinks,
}

#[derive(Serialize)]
struct OwnedRelationshipLinks {
    #[serde(rename = "self")]
    this: String,
    related: String,
}

impl Linkage {
    /// Of this relationship of the resource.
    pub fn of(resource: &Resource, name: &str) -> Self {
        let (path, data) = (resource.path(), resource.end(name));
        let links = OwnedRelationshipLinks {
            this: format!("{path}/relationships/{name}"),
            related: format!("{path}/{name}"),
        };
        Self { data, links }
    }
}

#[derive(Debug, Serialize)]
pub struct Links {
    #[serde(rename = "self")]
    pub this: String,
}

/// `first` leads to the beginning; `prev` and `next` are null at the ends; `related` is there for a relationship's identifiers.
#[derive(Debug, Serialize)]
pub struct PageLinks {
    #[serde(rename = "self")]
    pub this: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related: Option<String>,
    pub first: String,
    pub prev: Option<String>,
    pub next: Option<String>,
}

/// The `included` member of an answer with this primary data, where one was asked for: each resource
/// once, and none that is primary data ("no more than one resource object for each type and id").
pub fn included<'a>(
    projection: &Projection,
    primary: impl Iterator<Item = &'a Resource>,
    related: impl IntoIterator<Item = Resource>,
) -> Option<Vec<Resource>> {
    if !projection.has_included() {
        return None;
    }
    let mut seen: HashSet<(&str, Uuid)> =
        primary.map(|resource| (resource.resource_type.kind, resource.id)).collect();
    let fresh =
        related.into_iter().filter(|resource| seen.insert((resource.resource_type.kind, resource.id)));
    Some(
        fresh
            .map(|mut resource| {
                projection.trim(&mut resource);
                resource
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_milliseconds() {
        let written = |text: &str| Timestamp::new(text.parse().unwrap()).as_str().to_owned();
        assert_eq!(written("2026-05-28T09:15:00Z"), "2026-05-28T09:15:00.000Z");
        assert_eq!(written("2026-12-01T23:59:59.123999Z"), "2026-12-01T23:59:59.123Z");
        assert_eq!(written("0999-01-02T03:04:05.006Z"), "0999-01-02T03:04:05.006Z");
    }
}
