//! The documents of responses (JSON:API section "Document Structure").

use std::borrow::Cow;
use std::collections::HashSet;

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use uuid::Uuid;

use super::media_type::{ATOMIC, CURSOR_PAGINATION};
use crate::jsonapi::projection::Projection;
use crate::jsonapi::resource_type::ResourceType;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    Text(Cow<'static, str>),
    Time(#[serde(serialize_with = "serialize_time")] DateTime<Utc>),
    Number(i64),
    Null,
}

fn serialize_time<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(std::str::from_utf8(&timestamp(*time)).unwrap_or_default())
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<&'static str> for Scalar {
    fn from(word: &'static str) -> Self {
        Self::Text(word.into())
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

/// RFC 3339 in UTC with milliseconds, as in `2026-05-28T09:15:00.000Z`, for a time in the years 0 to 9999, the range of
/// the database and the filters. Written digit by digit, because a page contains hundreds of them and chrono's
/// formatter would take most of the time of the serialization.
fn timestamp(time: DateTime<Utc>) -> [u8; 24] {
    let mut text = *b"0000-00-00T00:00:00.000Z";
    let year = u32::try_from(time.year()).unwrap_or(0);
    for (end, digits, mut value) in [
        (4, 4, year),
        (7, 2, time.month()),
        (10, 2, time.day()),
        (13, 2, time.hour()),
        (16, 2, time.minute()),
        (19, 2, time.second()),
        (23, 3, time.timestamp_subsec_millis().min(999)),
    ] {
        for digit in text[end - digits..end].iter_mut().rev() {
            *digit = b'0' + u8::try_from(value % 10).unwrap_or(0);
            value /= 10;
        }
    }
    text
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Identifier {
    #[serde(rename = "type")]
    pub type_name: &'static str,
    pub id: Uuid,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum RelationshipData {
    One(Option<Identifier>),
    /// Its resource object has only links, because it may have any number of members.
    Many,
}

impl RelationshipData {
    const fn is_many(&self) -> bool {
        matches!(self, Self::Many)
    }
}

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

    pub const fn identifier(&self) -> Identifier {
        self.resource_type.identifier(self.id)
    }

    pub fn related(&self, name: &str) -> Option<Identifier> {
        self.relationships.iter().find_map(|(known, data)| match data {
            RelationshipData::One(identifier) if *known == name => *identifier,
            RelationshipData::One(_) | RelationshipData::Many => None,
        })
    }

    pub fn relationship(&self, name: &str) -> Option<Relationship> {
        let (name, data) = self.relationships.iter().find(|(known, _)| *known == name)?;
        Some(Relationship::new(&self.path(), name, *data))
    }
}

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let path = self.path();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.resource_type.type_name)?;
        map.serialize_entry("id", &self.id)?;
        if !self.attributes.is_empty() {
            map.serialize_entry("attributes", &Members(&self.attributes))?;
        }
        if !self.relationships.is_empty() {
            let relationship = |&(name, data)| (name, Relationship::new(&path, name, data));
            let relationships: Vec<_> = self.relationships.iter().map(relationship).collect();
            map.serialize_entry("relationships", &Members(&relationships))?;
        }
        map.serialize_entry("links", &Links { this: &path })?;
        map.end()
    }
}

struct Members<'a, T>(&'a [(&'static str, T)]);

impl<T: Serialize> Serialize for Members<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// A relationship object, which is also the document at the URL of a to-one relationship.
#[derive(Serialize)]
pub struct Relationship {
    #[serde(skip_serializing_if = "RelationshipData::is_many")]
    data: RelationshipData,
    links: RelationshipLinks,
}

#[derive(Serialize)]
struct RelationshipLinks {
    #[serde(rename = "self")]
    this: String,
    related: String,
}

impl Relationship {
    fn new(path: &str, name: &str, data: RelationshipData) -> Self {
        let this = [path, "/relationships/", name].concat();
        Self { data, links: RelationshipLinks { this, related: [path, "/", name].concat() } }
    }
}

#[derive(Debug, Serialize)]
pub struct Single {
    pub data: Option<Resource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub included: Option<Vec<Resource>>,
    pub links: Links<String>,
}

#[derive(Debug, Serialize)]
pub struct Collection<T> {
    pub jsonapi: Implementation,
    pub data: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub included: Option<Vec<Resource>>,
    pub links: PageLinks,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Value>,
}

/// The member `jsonapi`. A document without an extension or a profile does not have it.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Implementation {
    version: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    ext: &'static [&'static str],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    profile: &'static [&'static str],
}

impl Implementation {
    pub const PLAIN: Self = Self { version: "1.1", ext: &[], profile: &[] };
    pub const PAGED: Self = Self { version: "1.1", ext: &[], profile: &[CURSOR_PAGINATION] };
    pub const ATOMIC: Self = Self { version: "1.1", ext: &[ATOMIC], profile: &[] };
}

pub fn page_meta(total: i64) -> Value {
    json!({ "page": { "total": total } })
}

#[derive(Debug, Serialize)]
pub struct Links<T> {
    #[serde(rename = "self")]
    pub this: T,
}

/// `prev` and `next` are null on the first and the last page. Only a page of identifiers has `related`.
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

/// The member `included`, where the request has `include`: each related resource once, and none that is primary data
/// ("no more than one resource object for each type and id pair").
pub fn included(
    projection: &Projection,
    primary: &[Resource],
    mut related: Vec<Resource>,
) -> Option<Vec<Resource>> {
    projection.include.as_ref()?;
    let key = |resource: &Resource| (resource.resource_type.type_name, resource.id);
    let mut seen: HashSet<_> = primary.iter().map(key).collect();
    related.retain(|resource| seen.insert(key(resource)));
    for resource in &mut related {
        projection.trim(resource);
    }
    Some(related)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_milliseconds() {
        let written = |text: &str| String::from_utf8(timestamp(text.parse().unwrap()).to_vec()).unwrap();
        assert_eq!(written("2026-05-28T09:15:00Z"), "2026-05-28T09:15:00.000Z");
        assert_eq!(written("2026-12-01T23:59:59.123999Z"), "2026-12-01T23:59:59.123Z");
        assert_eq!(written("0999-01-02T03:04:05.006Z"), "0999-01-02T03:04:05.006Z");
    }
}
