//! The JSON schemas of request bodies.
//!
//! Outside of `attributes` and `relationships` unknown members are ignored, and so are names that begin with `@`
//! everywhere; all other unknown members are errors.

use serde_json::{Map, Value, json};

use crate::jsonapi::resource_type::{Access, ResourceType};
use crate::registry::openapi::value_schemas::{array, constant, described, nullable, object, string, uuid};
use crate::registry::openapi::{pascal, reference, value_schemas};

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
    reference("schemas", &format!("{}{suffix}", pascal(type_name)))
}

/// The schema of an identifier.
pub fn identity(type_name: &str, id: Value, naming: Naming) -> Value {
    identified(json!({ "type": constant(type_name), "id": id }), naming)
}

/// The `data` that removes members. Any text is allowed as an id: removing an unknown member has no effect.
pub fn removed_members(type_name: &str, naming: Naming) -> Value {
    array(identity(type_name, string(), naming))
}

/// Adds `lid` where it is allowed, and requires an identification.
fn identified(mut properties: Value, naming: Naming) -> Value {
    match naming {
        Naming::Id => object(&["type", "id"], properties),
        Naming::IdOrLid => {
            properties["lid"] = string();
            let mut schema = object(&["type"], properties);
            schema["anyOf"] = json!([{ "required": ["id"] }, { "required": ["lid"] }]);
            schema
        }
    }
}

/// A resource to create.
pub fn creation(resource_type: &ResourceType, naming: Naming) -> Value {
    let attributes = attributes(resource_type, true);
    let to_one = resource_type.to_one.iter().filter(|one| one.access.is_writable()).map(|one| Field {
        name: one.name,
        is_required: one.access == Access::Required,
        schema: relationship(one.about, linkage(one.type_name, one.nullable, naming)),
    });
    let to_many = resource_type.to_many.iter().filter(|many| many.writable).map(|many| Field {
        name: many.name,
        is_required: false,
        schema: relationship(many.about, members(many.type_name, naming)),
    });
    let relationships: Vec<Field> = to_one.chain(to_many).collect();

    let mut required = vec!["type"];
    required.extend(attributes.iter().any(|field| field.is_required).then_some("attributes"));
    required.extend(relationships.iter().any(|field| field.is_required).then_some("relationships"));
    let properties = json!({
        "type": constant(resource_type.type_name),
        "id": { "type": "null" },
        "lid": { "type": ["string", "null"] },
        "attributes": fields(attributes),
        "relationships": fields(relationships),
    });
    object(&required, properties)
}

/// A resource with the fields to change.
pub fn change(resource_type: &ResourceType, naming: Naming) -> Value {
    let updatable = resource_type.to_one.iter().filter(|one| one.updatable).map(|one| Field {
        name: one.name,
        is_required: false,
        schema: relationship(one.about, linkage(one.type_name, one.nullable, naming)),
    });
    let properties = json!({
        "type": constant(resource_type.type_name),
        "id": uuid(),
        "attributes": fields(attributes(resource_type, false)),
        "relationships": fields(updatable.collect()),
    });
    identified(properties, naming)
}

/// The `data` of a to-one relationship.
pub fn linkage(type_name: &str, is_nullable: bool, naming: Naming) -> Value {
    let identifier = identifier(type_name, naming);
    if is_nullable { nullable(&identifier) } else { identifier }
}

/// The `data` of a to-many relationship.
pub fn members(type_name: &str, naming: Naming) -> Value {
    array(identifier(type_name, naming))
}

fn relationship(about: &str, data: Value) -> Value {
    described(document(data), about)
}

/// A writable attribute or relationship.
struct Field {
    name: &'static str,
    is_required: bool,
    schema: Value,
}

fn attributes(resource_type: &ResourceType, is_creation: bool) -> Vec<Field> {
    let writable = resource_type.attributes.iter().filter(|attribute| attribute.access.is_writable());
    writable
        .map(|attribute| Field {
            name: attribute.name,
            is_required: is_creation && attribute.access == Access::Required,
            schema: value_schemas::request(attribute),
        })
        .collect()
}

fn fields(fields: Vec<Field>) -> Value {
    let required: Vec<&str> =
        fields.iter().filter(|field| field.is_required).map(|field| field.name).collect();
    let properties: Map<String, Value> =
        fields.into_iter().map(|field| (field.name.to_owned(), field.schema)).collect();
    let mut schema = value_schemas::closed_object(&required, properties.into());
    schema["patternProperties"] = json!({ "^@": {} });
    schema
}
