//! Documents that go out (JSON:API section "Document Structure").

use chrono::{DateTime, SecondsFormat, Utc};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use super::declare::Declaration;

/// RFC 3339 in UTC with milliseconds: `2026-05-28T09:15:00.000Z`.
pub fn timestamp(time: DateTime<Utc>) -> Value {
    time.to_rfc3339_opts(SecondsFormat::Millis, true).into()
}

pub fn optional_timestamp(time: Option<DateTime<Utc>>) -> Value {
    time.map_or(Value::Null, timestamp)
}

/// A resource identifier object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Identifier {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub id: Uuid,
}

/// A resource object.
#[derive(Debug, Clone)]
pub struct Resource {
    pub declaration: &'static Declaration,
    pub id: Uuid,
    pub attributes: Vec<(&'static str, Value)>,
    /// Full linkage of every to-one relationship.
    pub relationships: Vec<(&'static str, Option<Identifier>)>,
}

impl Resource {
    pub fn path(&self) -> String {
        format!("{}/{}", self.declaration.base, self.id)
    }

    pub fn identifier(&self) -> Identifier {
        Identifier { kind: self.declaration.kind, id: self.id }
    }
}

impl Serialize for Resource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let path = self.path();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.declaration.kind)?;
        map.serialize_entry("id", &self.id)?;
        map.serialize_entry("attributes", &Members(&self.attributes))?;
        if !self.relationships.is_empty() {
            map.serialize_entry("relationships", &Relationships { path: &path, all: &self.relationships })?;
        }
        map.serialize_entry("links", &SelfLink { this: &path })?;
        map.end()
    }
}

struct Members<'a>(&'a [(&'static str, Value)]);

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
    all: &'a [(&'static str, Option<Identifier>)],
}

#[derive(Serialize)]
struct Relationship {
    data: Option<Identifier>,
    links: RelationshipLinks,
}

#[derive(Debug, Clone, Serialize)]
pub struct RelationshipLinks {
    #[serde(rename = "self")]
    this: String,
    related: String,
}

impl RelationshipLinks {
    fn new(path: &str, name: &str) -> Self {
        Self { this: format!("{path}/relationships/{name}"), related: format!("{path}/{name}") }
    }
}

impl Serialize for Relationships<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.all.iter().map(|(name, data)| {
            (name, Relationship { data: *data, links: RelationshipLinks::new(self.path, name) })
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

/// A document of one page of a list.
#[derive(Debug, Serialize)]
pub struct Collection {
    pub data: Vec<Resource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub included: Option<Vec<Resource>>,
    pub links: PageLinks,
}

/// A document of a to-one relationship.
#[derive(Debug, Serialize)]
pub struct Linkage {
    pub data: Option<Identifier>,
    pub links: RelationshipLinks,
}

impl Linkage {
    /// Of this relationship of the resource at this path.
    pub fn new(path: &str, name: &str, data: Option<Identifier>) -> Self {
        Self { data, links: RelationshipLinks::new(path, name) }
    }
}

#[derive(Debug, Serialize)]
pub struct Links {
    #[serde(rename = "self")]
    pub this: String,
}

/// `prev` and `next` are null at the ends.
#[derive(Debug, Serialize)]
pub struct PageLinks {
    #[serde(rename = "self")]
    pub this: String,
    pub prev: Option<String>,
    pub next: Option<String>,
}

/// Compound documents hold each resource once, and none that is primary data (full linkage and "no
/// more than one resource object for each type and id pair").
pub fn included(primary: &[Resource], related: impl IntoIterator<Item = Resource>) -> Vec<Resource> {
    let mut seen: std::collections::HashSet<(&str, Uuid)> =
        primary.iter().map(|resource| (resource.declaration.kind, resource.id)).collect();
    related.into_iter().filter(|resource| seen.insert((resource.declaration.kind, resource.id))).collect()
}
