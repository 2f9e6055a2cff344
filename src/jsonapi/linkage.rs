//! Reads resource identifiers and linkage that clients send (JSON:API sections "Resource Identifier Objects" and
//! "Updating Relationships").

use std::collections::BTreeMap;
use std::str::FromStr;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::error::{ErrorObject, validation};
use super::strict_json;
use crate::jsonapi::error_code::ErrorCode;
use crate::jsonapi::resource_type::Relationship;

/// The resources that a document has created, by type and local id (JSON:API section "Identification").
#[derive(Debug, Default)]
pub struct Lids(BTreeMap<(String, String), Uuid>);

/// For a document that creates at most one resource.
pub static NO_LIDS: Lids = Lids(BTreeMap::new());

impl Lids {
    pub fn bind(&mut self, type_name: &str, lid: &str, id: Uuid) -> bool {
        self.0.insert((type_name.to_owned(), lid.to_owned()), id).is_none()
    }

    pub fn resolve(&self, type_name: &str, lid: &str) -> Option<Uuid> {
        self.0.get(&(type_name.to_owned(), lid.to_owned())).copied()
    }
}

/// How a client names a resource: by its id, or by the local id that an earlier operation gave it.
#[derive(Debug, Clone, PartialEq)]
pub enum Handle {
    Id(String),
    /// With the pointer to the local id.
    Lid(Value, String),
}

impl Handle {
    pub fn read(object: &Map<String, Value>, pointer: &str) -> Result<Option<Self>, ErrorObject> {
        match (non_null(object, "id"), non_null(object, "lid")) {
            (Some(Value::String(id)), _) => Ok(Some(Self::Id(id.clone()))),
            (Some(_), _) => Err(validation(format!("{pointer}/id"), "id must be a string.")),
            (None, Some(lid)) => Ok(Some(Self::Lid(lid.clone(), format!("{pointer}/lid")))),
            (None, None) => Ok(None),
        }
    }

    pub fn require(object: &Map<String, Value>, pointer: &str) -> Result<Self, ErrorObject> {
        Self::read(object, pointer)?.ok_or_else(|| {
            let suffix = if object.contains_key("id") { "/id" } else { "" };
            validation(format!("{pointer}{suffix}"), "id is required.")
        })
    }

    pub fn resolve(self, type_name: &str, lids: &Lids) -> Result<String, ErrorObject> {
        match self {
            Self::Id(id) => Ok(id),
            Self::Lid(Value::String(lid), pointer) => {
                lids.resolve(type_name, &lid).map(|id| id.to_string()).ok_or_else(|| {
                    let detail =
                        format!("No earlier operation creates a {type_name} with the local id \"{lid}\".");
                    validation(pointer, detail)
                })
            }
            Self::Lid(_, pointer) => Err(validation(pointer, "lid must be a string.")),
        }
    }
}

/// A member of an object. Null counts as missing, because client libraries send the `id` of a resource that has none
/// yet, or an unused `lid`, as null.
pub fn non_null<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

pub fn type_name<'a>(object: &'a Map<String, Value>, pointer: &str) -> Result<&'a str, ErrorObject> {
    match object.get("type") {
        Some(Value::String(type_name)) => Ok(type_name),
        Some(_) => Err(validation(format!("{pointer}/type"), "type must be a string.")),
        None => Err(validation(pointer, "type is required.")),
    }
}

/// The id in a resource identifier object of this type; a local id is resolved.
pub fn identifier(value: &Value, type_name: &str, pointer: &str, lids: &Lids) -> Result<String, ErrorObject> {
    let Value::Object(object) = value else {
        return Err(validation(pointer, format!("A resource identifier of type {type_name} is required.")));
    };
    match object.get("type") {
        Some(actual) if *actual == type_name => Handle::require(object, pointer)?.resolve(type_name, lids),
        Some(_) => Err(validation(format!("{pointer}/type"), format!("The type must be {type_name}."))),
        None => Err(validation(pointer, "type is required.")),
    }
}

/// A malformed id gets the same 404 as one that no resource has.
pub fn parse_id<T: FromStr>(id: &str, pointer: &str, code: &'static ErrorCode) -> Result<T, ErrorObject> {
    id.parse()
        .map_err(|_| code.error(format!("No resource has the id {id}.")).pointer(format!("{pointer}/id")))
}

/// The ids in a to-many linkage, converted by `convert`, which gets the id and the pointer to its identifier; or an
/// error for each member that has a mistake.
pub fn identifiers<T>(
    data: &Value,
    type_name: &str,
    pointer: &str,
    lids: &Lids,
    convert: impl Fn(String, &str) -> Result<T, ErrorObject>,
) -> Result<Vec<T>, Vec<ErrorObject>> {
    let Value::Array(members) = data else {
        return Err(vec![validation(pointer, "data must be an array.")]);
    };
    let (mut converted, mut errors) = (Vec::with_capacity(members.len()), Vec::new());
    for (index, member) in members.iter().enumerate() {
        let pointer = format!("{pointer}/{index}");
        match identifier(member, type_name, &pointer, lids).and_then(|id| convert(id, &pointer)) {
            Ok(id) => converted.push(id),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(converted) } else { Err(errors) }
}

/// The member `meta` of a document that has no need for `data`.
pub fn meta(bytes: &[u8]) -> Result<Value, ErrorObject> {
    strict_json::parse_object(bytes)?
        .remove("meta")
        .ok_or_else(|| validation("", "The document has no meta."))
}

/// The members `data` and `meta` of a document.
pub fn data_and_meta(bytes: &[u8]) -> Result<(Value, Option<Value>), ErrorObject> {
    let mut document = strict_json::parse_object(bytes)?;
    let data = document.remove("data").ok_or_else(|| validation("", "The document has no data."))?;
    Ok((data, document.remove("meta")))
}

/// The id in the new linkage of a to-one relationship; `None` clears it.
pub fn one(data: &Value, relationship: &Relationship, lids: &Lids) -> Result<Option<String>, ErrorObject> {
    match data {
        Value::Null if relationship.nullable => Ok(None),
        data => identifier(data, relationship.type_name, "/data", lids).map(Some),
    }
}
