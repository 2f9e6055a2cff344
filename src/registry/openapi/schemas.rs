//! The JSON schemas of responses.
//!
//! They are closed, so that checking the server against the document finds undeclared members. No attribute and no
//! relationship is required, because `fields` may omit any of them.

use serde_json::{Map, Value, json};

use crate::api::error_code;
use crate::jsonapi::media_type::CURSOR_PAGINATION;
use crate::jsonapi::resource_type::{Relationship, ResourceType, Verb};
use crate::kernel::page::PAGE_SIZE_MAX;
use crate::registry::openapi::request_bodies::{self as bodies, Naming};
use crate::registry::openapi::value_schemas::{
    self, array, closed_object, constant, described, nullable, one_of, uuid,
};
use crate::registry::openapi::{atomic, pascal, reference};
use crate::registry::types::TYPES;

pub fn all() -> Map<String, Value> {
    let mut all = atomic::schemas();
    for resource_type in TYPES {
        add_type(resource_type, &mut all);
        for end in resource_type.relationships {
            add_related(end, &mut all);
        }
    }
    all.insert("ErrorCode".to_owned(), error_codes());
    all
}

pub fn declared(type_name: &str) -> Option<&'static ResourceType> {
    TYPES.into_iter().find(|resource_type| resource_type.type_name == type_name)
}

/// The types that `included` may contain, in the order of [`TYPES`].
pub fn includable(resource_type: &'static ResourceType) -> Vec<&'static ResourceType> {
    let end_of = |path: &&str| {
        let step = |from: &'static ResourceType, name| declared(from.relationship(name)?.type_name);
        path.split('.').try_fold(resource_type, step)
    };
    let ends: Vec<&str> = resource_type.includes.iter().filter_map(end_of).map(|end| end.type_name).collect();
    TYPES.into_iter().filter(|resource_type| ends.contains(&resource_type.type_name)).collect()
}

fn add_type(resource_type: &'static ResourceType, all: &mut Map<String, Value>) {
    let name = pascal(resource_type.type_name);
    let item = reference("schemas", &name);
    let mut add = |suffix: &str, schema| all.insert(format!("{name}{suffix}"), schema);
    add("", resource(resource_type));
    add("Document", single(resource_type, item.clone()));
    add("Collection", page(&item, "PageLinks", Some(included(resource_type))));
    for (verb, suffix) in [(Verb::Create, "Create"), (Verb::Update, "Update")] {
        if resource_type.verbs.contains(&verb) {
            let data = bodies::resource(resource_type, verb == Verb::Update, Naming::Id);
            add(suffix, bodies::document(data));
        }
    }
}

fn add_related(end: &Relationship, all: &mut Map<String, Value>) {
    let name = pascal(end.type_name);
    // Open, because requests use it, too.
    all.insert(format!("{name}Identifier"), bodies::identity(end.type_name, uuid(), Naming::Id));
    if end.is_many {
        let items = bodies::identifier(end.type_name, Naming::Id);
        all.insert(format!("{name}Identifiers"), page(&items, "RelationshipPageLinks", None));
        return;
    }
    let links = reference("schemas", "RelationshipLinks");
    let properties = json!({ "data": bodies::linkage(end, Naming::Id), "links": links });
    all.insert(related_name(end, "Linkage"), closed_object(&["data", "links"], properties));
    if let (true, Some(target)) = (end.nullable, declared(end.type_name)) {
        let document = single(target, nullable(&reference("schemas", &name)));
        all.insert(related_name(end, "Document"), document);
    }
}

/// The name of a schema for a to-one relationship, such as `WorkspaceDocument` and `PeopleOrNullDocument`.
pub fn related_name(end: &Relationship, suffix: &str) -> String {
    format!("{}{}{suffix}", pascal(end.type_name), if end.nullable { "OrNull" } else { "" })
}

fn resource(resource_type: &ResourceType) -> Value {
    let attributes = resource_type.attributes.iter();
    let attributes: Map<String, Value> =
        attributes.map(|attribute| (attribute.name.to_owned(), value_schemas::response(attribute))).collect();
    let relationship = |end: &Relationship| {
        let schema = if end.is_many { "ToManyLinks".to_owned() } else { related_name(end, "Linkage") };
        (end.name.to_owned(), described(reference("schemas", &schema), end.about))
    };
    let relationships: Map<String, Value> = resource_type.relationships.iter().map(relationship).collect();
    let mut properties = json!({
        "type": constant(resource_type.type_name),
        "id": uuid(),
        "attributes": closed_object(&[], attributes.into()),
        "links": reference("schemas", "SelfLink"),
    });
    if !relationships.is_empty() {
        properties["relationships"] = closed_object(&[], relationships.into());
    }
    described(closed_object(&["type", "id", "links"], properties), resource_type.about)
}

fn single(resource_type: &'static ResourceType, data: Value) -> Value {
    let links = reference("schemas", "SelfLink");
    let properties = json!({ "data": data, "included": included(resource_type), "links": links });
    closed_object(&["data", "links"], properties)
}

fn page(items: &Value, links: &str, included: Option<Value>) -> Value {
    let jsonapi = json!({ "version": "1.1", "profile": [CURSOR_PAGINATION] });
    let mut properties = json!({
        "jsonapi": { "type": "object", "const": jsonapi },
        "data": { "type": "array", "maxItems": PAGE_SIZE_MAX, "items": items },
        "links": reference("schemas", links),
        "meta": reference("schemas", "PageMeta"),
    });
    if let Some(included) = included {
        properties["included"] = included;
    }
    closed_object(&["jsonapi", "data", "links"], properties)
}

fn included(resource_type: &'static ResourceType) -> Value {
    let types = includable(resource_type);
    if types.is_empty() {
        return json!({ "type": "array", "maxItems": 0, "description": "Nothing can be included here." });
    }
    let of_type = |included: &&ResourceType| reference("schemas", &pascal(included.type_name));
    let one_of: Vec<Value> = types.iter().map(of_type).collect();
    let mapping =
        types.iter().map(|included| (included.type_name.to_owned(), of_type(included)["$ref"].take()));
    let mapping: Map<String, Value> = mapping.collect();
    let items = json!({ "oneOf": one_of, "discriminator": { "propertyName": "type", "mapping": mapping } });
    described(array(items), "The resources that `include` selects, each once.")
}

fn error_codes() -> Value {
    let lines =
        error_code::ALL.iter().map(|code| format!("- `{}` ({}): {}", code.code, code.status, code.about));
    let names: Vec<&str> = error_code::ALL.iter().map(|code| code.code).collect();
    described(one_of(&names), &lines.collect::<Vec<_>>().join("\n"))
}
