//! The documents that the API takes, as JSON schemas.
//!
//! Members that are unknown outside of `attributes` and `relationships` are ignored, and so are names
//! that begin with `@`; everything else that is unknown is refused.

use serde_json::{Map, Value, json};

use crate::jsonapi::resource_type::{Access, ResourceType};
use crate::registry::openapi::{forms, pascal, reference};

/// How a body names a resource that is there, or is to be by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    Id,
    /// Also by a local id of an earlier operation.
    IdOrLid,
}

pub fn document(data: Value) -> Value {
    json!({ "type": "object", "required": ["data"], "properties": { "data": data } })
}

/// The identifier of a resource of this type.
pub fn end(kind: &str, naming: Naming) -> Value {
    let ending = match naming {
        Naming::Id => "Identifier",
        Naming::IdOrLid => "Reference",
    };
    reference("schemas", &format!("{}{ending}", pascal(kind)))
}

/// The identifier of a member that is to be absent: an id that is nobody's is absent already, whatever
/// it looks like.
pub fn absent(kind: &str, naming: Naming) -> Value {
    let mut schema = json!({
        "type": "object",
        "required": ["type"],
        "properties": { "type": { "type": "string", "const": kind }, "id": { "type": "string" } },
    });
    identified(&mut schema, naming);
    schema
}

/// Requires that an object says which resource it means.
fn identified(schema: &mut Value, naming: Naming) {
    match naming {
        Naming::Id => schema["required"] = json!(["type", "id"]),
        Naming::IdOrLid => {
            schema["properties"]["lid"] = json!({ "type": "string" });
            schema["anyOf"] = json!([{ "required": ["id"] }, { "required": ["lid"] }]);
        }
    }
}

/// A resource of this type, by its id or by a local id.
pub fn by_reference(resource_type: &ResourceType) -> Value {
    let mut schema = json!({
        "type": "object",
        "required": ["type"],
        "properties": { "type": { "type": "string", "const": resource_type.kind }, "id": forms::uuid() },
    });
    identified(&mut schema, Naming::IdOrLid);
    schema
}

/// A resource to be created.
pub fn creation(resource_type: &ResourceType, naming: Naming) -> Value {
    let writable = resource_type.attributes.iter().filter(|attribute| attribute.access.is_writable());
    let attributes: Vec<Field> = writable
        .map(|attribute| Field {
            name: attribute.name,
            is_required: attribute.access == Access::Required,
            schema: forms::taken(attribute),
        })
        .collect();
    let to_one = resource_type.to_one.iter().filter(|one| one.access.is_writable()).map(|one| Field {
        name: one.name,
        is_required: one.access == Access::Required,
        schema: relationship(one.about, linkage(one.kind, one.nullable, naming)),
    });
    let to_many = resource_type.to_many.iter().filter(|many| many.writable).map(|many| Field {
        name: many.name,
        is_required: false,
        schema: relationship(many.about, members(many.kind, naming)),
    });
    let relationships: Vec<Field> = to_one.chain(to_many).collect();

    let mut required = vec!["type"];
    required.extend(attributes.iter().any(|field| field.is_required).then_some("attributes"));
    required.extend(relationships.iter().any(|field| field.is_required).then_some("relationships"));
    json!({
        "type": "object",
        "required": required,
        "properties": {
            "type": { "type": "string", "const": resource_type.kind },
            "id": { "type": "null" },
            "lid": { "type": ["string", "null"] },
            "attributes": fields(attributes),
            "relationships": fields(relationships),
        },
    })
}

/// A resource with what is to change of it.
pub fn change(resource_type: &ResourceType, naming: Naming) -> Value {
    let writable = resource_type.attributes.iter().filter(|attribute| attribute.access.is_writable());
    let attributes = writable.map(|attribute| Field {
        name: attribute.name,
        is_required: false,
        schema: forms::taken(attribute),
    });
    let updatable = resource_type.to_one.iter().filter(|one| one.updatable);
    let relationships = updatable.map(|one| Field {
        name: one.name,
        is_required: false,
        schema: relationship(one.about, linkage(one.kind, one.nullable, naming)),
    });
    let mut schema = json!({
        "type": "object",
        "required": ["type"],
        "properties": {
            "type": { "type": "string", "const": resource_type.kind },
            "id": forms::uuid(),
            "attributes": fields(attributes.collect()),
            "relationships": fields(relationships.collect()),
        },
    });
    identified(&mut schema, naming);
    schema
}

/// The `data` of a relationship to one.
pub fn linkage(kind: &str, nullable: bool, naming: Naming) -> Value {
    let end = end(kind, naming);
    if nullable { crate::registry::openapi::schemas::or_null(&end) } else { end }
}

/// The `data` of a relationship to many.
pub fn members(kind: &str, naming: Naming) -> Value {
    json!({ "type": "array", "items": end(kind, naming) })
}

fn relationship(about: &str, data: Value) -> Value {
    json!({ "type": "object", "description": about, "required": ["data"], "properties": { "data": data } })
}

/// An attribute or a relationship that may be written.
struct Field {
    name: &'static str,
    is_required: bool,
    schema: Value,
}

fn fields(fields: Vec<Field>) -> Value {
    let required: Vec<&str> =
        fields.iter().filter(|field| field.is_required).map(|field| field.name).collect();
    let properties: Map<String, Value> =
        fields.into_iter().map(|field| (field.name.to_owned(), field.schema)).collect();
    json!({
        "type": "object",
        "required": required,
        "properties": properties,
        "patternProperties": { "^@": {} },
        "additionalProperties": false,
    })
}
