//! Resource identifiers and linkage that come in (JSON:API sections "Resource Identifier Objects"
//! and "Updating Relationships").

use serde_json::{Map, Value};

use super::error::{ERRORS_MAX, ErrorObject};
use super::lid::Lids;
use super::strict_json;
use crate::jsonapi::resource_type::{ToMany, ToOne};

/// A member that says which resource is meant, or none. One that is null says nothing: client libraries send the
/// `id` of a resource that has none yet, or the `lid` of one that has no need of it, as null.
pub fn said<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

/// The id in a resource identifier object of this type; of a local id, what it stands for.
pub fn identifier(value: &Value, kind: &str, pointer: &str, lids: &Lids) -> Result<String, ErrorObject> {
    let Value::Object(object) = value else {
        return Err(ErrorObject::validation(
            pointer,
            format!("A resource identifier of type {kind} is required."),
        ));
    };
    match object.get("type") {
        Some(Value::String(found)) if found == kind => {}
        Some(_) => {
            let detail = format!("The type has to be {kind}.");
            return Err(ErrorObject::validation(format!("{pointer}/type"), detail));
        }
        None => return Err(ErrorObject::validation(pointer, "type is required.")),
    }
    match (said(object, "id"), said(object, "lid")) {
        (Some(Value::String(id)), _) => Ok(id.clone()),
        (Some(_), _) => Err(ErrorObject::validation(format!("{pointer}/id"), "id has to be a string.")),
        (None, Some(lid)) => local(lid, kind, &format!("{pointer}/lid"), lids),
        (None, None) => {
            let place = if object.contains_key("id") { format!("{pointer}/id") } else { pointer.to_owned() };
            Err(ErrorObject::validation(place, "id is required."))
        }
    }
}

/// What a local id stands for.
pub fn local(lid: &Value, kind: &str, pointer: &str, lids: &Lids) -> Result<String, ErrorObject> {
    let Value::String(lid) = lid else {
        return Err(ErrorObject::validation(pointer, "lid has to be a string."));
    };
    match lids.resolve(kind, lid) {
        Some(id) => Ok(id.to_string()),
        None => {
            Err(ErrorObject::validation(pointer, format!("No {kind} has the local id \"{lid}\" by here.")))
        }
    }
}

/// The ends of a to-many linkage, and an error for each that is none.
pub fn identifiers(data: &Value, kind: &str, pointer: &str, lids: &Lids) -> (Vec<String>, Vec<ErrorObject>) {
    let Value::Array(members) = data else {
        return (Vec::new(), vec![ErrorObject::validation(pointer, "data has to be an array.")]);
    };
    let mut found = Vec::with_capacity(members.len());
    let mut errors = Vec::new();
    for (index, member) in members.iter().enumerate() {
        match identifier(member, kind, &format!("{pointer}/{index}"), lids) {
            Ok(id) => found.push(id),
            Err(error) => errors.push(error),
        }
    }
    (found, errors)
}

/// The `data` of a document that was sent.
///
/// # Errors
/// Where there is none.
pub fn data(bytes: &[u8]) -> Result<Value, Vec<ErrorObject>> {
    let document = strict_json::parse(bytes).map_err(|error| vec![error])?;
    let Value::Object(mut document) = document else {
        return Err(vec![ErrorObject::validation("", "The document has to be an object.")]);
    };
    document.remove("data").ok_or_else(|| vec![ErrorObject::validation("", "The document has no data.")])
}

/// The other end that a to-one relationship is to have; `None`: nothing.
///
/// # Errors
/// Where `data` is no end of it.
pub fn one(data: &Value, relationship: &ToOne, lids: &Lids) -> Result<Option<String>, Vec<ErrorObject>> {
    match data {
        Value::Null if relationship.nullable => Ok(None),
        data => identifier(data, relationship.kind, "/data", lids).map(Some).map_err(|error| vec![error]),
    }
}

/// The members that are to be added to a to-many relationship, or removed from it.
///
/// # Errors
/// All that are none.
pub fn many(data: &Value, relationship: &ToMany, lids: &Lids) -> Result<Vec<String>, Vec<ErrorObject>> {
    let (members, mut errors) = identifiers(data, relationship.kind, "/data", lids);
    if errors.is_empty() {
        return Ok(members);
    }
    errors.truncate(ERRORS_MAX);
    Err(errors)
}
