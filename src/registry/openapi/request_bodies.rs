//! The JSON schemas of request bodies.
//!
//! Outside of `attributes` and `relationships` unknown members are ignored, and so are names that begin with `@`
//! everywhere; all other unknown members are errors.

use serde_json::{Map, Value, json};

use crate::jsonapi::resource_type::{Access, Relationship, ResourceType};
use crate::registry::openapi::value_schemas::{
    self, array, closed_object, constant, described, nullable, object, string, uuid,
};
use crate::registry::openapi::{pascal, reference};

/// How a body identifies a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    Id,
    /// By its id, or by the local id of an earlier operation.
    IdOrLid,
}

pub fn document(data: Value) -> Value {
    object(&["data"], json!({ "data": data }))
}

/// A reference to the identifier of a resource of this type.
pub fn identifier(type_name: &str, naming: Naming) -> Value {
    let suffix = match naming {
        Naming::Id => "Identifier",
        Naming::IdOrLid => "Reference",
    };
    reference("schemas", &(pascal(type_name) + suffix))
}

/// The schema of an identifier.
pub fn identity(type_name: &str, id: Value, naming: Naming) -> Value {
    identified(json!({ "type": constant(type_name), "id": id }), naming)
}

/// Adds `lid` where it is allowed, and requires an identification.
fn identified(mut properties: Value, naming: Naming) -> Value {
    if naming == Naming::Id {
        return object(&["type", "id"], properties);
    }
    properties["lid"] = string();
    let mut schema = object(&["type"], properties);
    schema["anyOf"] = json!([{ "required": ["id"] }, { "required": ["lid"] }]);
    schema
}

/// The `data` of a relationship.
pub fn linkage(end: &Relationship, naming: Naming) -> Value {
    let identifier = identifier(end.type_name, naming);
    if end.is_many {
        array(identifier)
    } else if end.nullable {
        nullable(&identifier)
    } else {
        identifier
    }
}

/// The `data` that removes members. Any text is allowed as an id: removing an unknown member has no effect.
pub fn removed_members(end: &Relationship, naming: Naming) -> Value {
    array(identity(end.type_name, string(), naming))
}

/// A resource to create, or with the fields to change.
pub fn resource(resource_type: &ResourceType, is_update: bool, naming: Naming) -> Value {
    let writable = resource_type.attributes.iter().filter(|attribute| attribute.access.is_writable());
    let attributes = writable.map(|attribute| {
        (attribute.name, attribute.access == Access::Required, value_schemas::request(attribute))
    });
    let writable = resource_type
        .relationships
        .iter()
        .filter(|end| if is_update { end.updatable && !end.is_many } else { end.access.is_writable() });
    let relationships = writable.map(|end| {
        (end.name, end.access == Access::Required, described(document(linkage(end, naming)), end.about))
    });
    let parts =
        [("attributes", fields(attributes, is_update)), ("relationships", fields(relationships, is_update))];

    let mut required = vec!["type"];
    let mut properties = json!({ "type": constant(resource_type.type_name) });
    for (name, schema) in parts {
        required.extend((schema["required"] != json!([])).then_some(name));
        properties[name] = schema;
    }
    if is_update {
        properties["id"] = uuid();
        return identified(properties, naming);
    }
    properties["id"] = json!({ "type": "null" });
    properties["lid"] = json!({ "type": ["string", "null"] });
    object(&required, properties)
}

/// The schema of fields, each with "required?", which matters only in a new resource.
fn fields(fields: impl Iterator<Item = (&'static str, bool, Value)>, is_update: bool) -> Value {
    let (mut required, mut properties) = (Vec::new(), Map::new());
    for (name, is_required, schema) in fields {
        required.extend((is_required && !is_update).then_some(name));
        properties.insert(name.to_owned(), schema);
    }
    let mut schema = closed_object(&required, properties.into());
    schema["patternProperties"] = json!({ "^@": {} });
    schema
}
