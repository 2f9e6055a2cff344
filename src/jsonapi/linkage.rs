//! Reads resource identifiers and linkage that clients send (JSON:API sections "Resource Identifier Objects" and
//! "Updating Relationships").

use std::str::FromStr;

use serde_json::{Map, Value};

use super::error::{ERRORS_MAX, ErrorObject};
use super::lid::Lids;
use super::strict_json;
use crate::jsonapi::error_code::ErrorCode;
use crate::jsonapi::resource_type::{ToMany, ToOne};

/// A member of an object. Null counts as missing, because client libraries send the `id` of a resource that has none
/// yet, or an unused `lid`, as null.
pub fn non_null<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

/// The id in a resource identifier object of the type `type_name`; a local id is resolved.
pub fn identifier(value: &Value, type_name: &str, pointer: &str, lids: &Lids) -> Result<String, ErrorObject> {
    let Value::Object(object) = value else {
        let detail = format!("A resource identifier of type {type_name} is required.");
        return Err(ErrorObject::validation(pointer, detail));
    };
    match object.get("type") {
        Some(Value::String(found)) if found == type_name => {}
        Some(_) => {
            return Err(ErrorObject::validation(
                format!("{pointer}/type"),
                format!("The type must be {type_name}."),
            ));
        }
        None => return Err(ErrorObject::validation(pointer, "type is required.")),
    }
    match (non_null(object, "id"), non_null(object, "lid")) {
        (Some(Value::String(id)), _) => Ok(id.clone()),
        (Some(_), _) => Err(ErrorObject::validation(format!("{pointer}/id"), "id must be a string.")),
        (None, Some(lid)) => local(lid, type_name, &format!("{pointer}/lid"), lids),
        (None, None) => {
            let pointer =
                if object.contains_key("id") { format!("{pointer}/id") } else { pointer.to_owned() };
            Err(ErrorObject::validation(pointer, "id is required."))
        }
    }
}

/// Parses the id of a resource identifier object at `pointer`. A malformed id gets the same 404 as one that no
/// resource has.
pub fn parse_id<T: FromStr>(id: &str, pointer: &str, code: &'static ErrorCode) -> Result<T, ErrorObject> {
    id.parse().map_err(|_| {
        let detail = format!("No resource has the id {id}.");
        ErrorObject::of(code, detail).pointer(format!("{pointer}/id"))
    })
}

/// Resolves a local id.
pub fn local(lid: &Value, type_name: &str, pointer: &str, lids: &Lids) -> Result<String, ErrorObject> {
    let Value::String(lid) = lid else {
        return Err(ErrorObject::validation(pointer, "lid must be a string."));
    };
    lids.resolve(type_name, lid).map(|id| id.to_string()).ok_or_else(|| {
        let detail = format!("No earlier operation creates a {type_name} with the local id \"{lid}\".");
        ErrorObject::validation(pointer, detail)
    })
}

/// The ids in a to-many linkage, each converted by `convert`, which gets the id and the pointer to its identifier.
///
/// # Errors
/// One for each member that has a mistake.
pub fn identifiers<T>(
    data: &Value,
    type_name: &str,
    pointer: &str,
    lids: &Lids,
    convert: impl Fn(String, &str) -> Result<T, ErrorObject>,
) -> Result<Vec<T>, Vec<ErrorObject>> {
    let Value::Array(members) = data else {
        return Err(vec![ErrorObject::validation(pointer, "data must be an array.")]);
    };
    let mut converted = Vec::with_capacity(members.len());
    let mut errors = Vec::new();
    for (index, member) in members.iter().enumerate() {
        let pointer = format!("{pointer}/{index}");
        match identifier(member, type_name, &pointer, lids).and_then(|id| convert(id, &pointer)) {
            Ok(id) => converted.push(id),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(converted) } else { Err(errors) }
}

/// The `data` of a document.
pub fn data(bytes: &[u8]) -> Result<Value, Vec<ErrorObject>> {
    match strict_json::parse(bytes) {
        Ok(Value::Object(mut document)) => {
            document.remove("data").ok_or_else(|| ErrorObject::validation("", "The document has no data."))
        }
        Ok(_) => Err(ErrorObject::validation("", "The document must be an object.")),
        Err(error) => Err(error),
    }
    .map_err(|error| vec![error])
}

/// The id in the new linkage of a to-one relationship; `None` clears it.
pub fn one(data: &Value, relationship: &ToOne, lids: &Lids) -> Result<Option<String>, ErrorObject> {
    match data {
        Value::Null if relationship.nullable => Ok(None),
        data => identifier(data, relationship.type_name, "/data", lids).map(Some),
    }
}

/// The ids that are added to a to-many relationship, or removed from it.
pub fn many(data: &Value, relationship: &ToMany, lids: &Lids) -> Result<Vec<String>, Vec<ErrorObject>> {
    identifiers(data, relationship.type_name, "/data", lids, |id, _| Ok(id)).map_err(|mut errors| {
        errors.truncate(ERRORS_MAX);
        errors
    })
}
