//! The JSON schemas of responses.
//!
//! They are closed, so that checking the server against the document finds undeclared members. No attribute and no
//! relationship is required, because `fields` may omit any of them.

use serde_json::{Map, Value, json};

use crate::api::error_code;
use crate::jsonapi::media_type::CURSOR_PAGINATION;
use crate::jsonapi::resource_type::{ResourceType, ToOne, Verb};
use crate::kernel::page::PAGE_SIZE_MAX;
use crate::registry::openapi::request_bodies::{self as bodies, Naming};
use crate::registry::openapi::value_schemas::{
    self, closed_object, constant, described, nullable, one_of_words, uuid,
};
use crate::registry::openapi::{atomic, pascal, reference};
use crate::registry::types::TYPES;

pub fn all() -> Map<String, Value> {
    let mut all = atomic::schemas();
    for resource_type in TYPES {
        add_type(resource_type, &mut all);
        for one in resource_type.to_one {
            add_related(one, &mut all);
        }
        for many in resource_type.to_many {
            let name = pascal(many.type_name);
            let items = bodies::identifier(many.type_name, Naming::Id);
            all.insert(format!("{name}Identifier"), identifier(many.type_name));
            all.insert(format!("{name}Identifiers"), page(&items, "RelationshipPageLinks", None));
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
    let end_of = |path: &str| {
        path.split('.')
            .try_fold(resource_type, |at, name| at.to_one(name).and_then(|one| declared(one.type_name)))
    };
    let ends: Vec<&str> =
        resource_type.includes.iter().filter_map(|path| end_of(path)).map(|end| end.type_name).collect();
    TYPES.into_iter().filter(|resource_type| ends.contains(&resource_type.type_name)).collect()
}

fn add_type(resource_type: &'static ResourceType, all: &mut Map<String, Value>) {
    let name = pascal(resource_type.type_name);
    let item = reference("schemas", &name);
    let mut add = |suffix: &str, schema: Value| {
        all.insert(format!("{name}{suffix}"), schema);
    };
    add("", resource(resource_type));
    add("Document", single(resource_type, item.clone()));
    add("Collection", page(&item, "PageLinks", Some(included(resource_type))));
    if resource_type.verbs.contains(&Verb::Create) {
        add("Create", bodies::document(bodies::creation(resource_type, Naming::Id)));
    }
    if resource_type.verbs.contains(&Verb::Update) {
        add("Update", bodies::document(bodies::change(resource_type, Naming::Id)));
    }
}

fn add_related(one: &ToOne, all: &mut Map<String, Value>) {
    let data = bodies::linkage(one.type_name, one.nullable, Naming::Id);
    let links = reference("schemas", "RelationshipLinks");
    let linkage = closed_object(&["data", "links"], json!({ "data": data, "links": links }));
    all.insert(related_name(one, "Linkage"), linkage);
    all.insert(format!("{}Identifier", pascal(one.type_name)), identifier(one.type_name));
    if let (true, Some(target)) = (one.nullable, declared(one.type_name)) {
        let data = nullable(&reference("schemas", &pascal(one.type_name)));
        all.insert(related_name(one, "Document"), single(target, data));
    }
}

/// The name of a schema for a to-one relationship, such as `WorkspaceDocument` and `PeopleOrNullDocument`.
pub fn related_name(one: &ToOne, suffix: &str) -> String {
    format!("{}{}{suffix}", pascal(one.type_name), if one.nullable { "OrNull" } else { "" })
}

fn resource(resource_type: &ResourceType) -> Value {
    let attributes: Map<String, Value> = resource_type
        .attributes
        .iter()
        .map(|attribute| (attribute.name.to_owned(), value_schemas::response(attribute)))
        .collect();
    let to_one = resource_type.to_one.iter().map(|one| (one.name, related_name(one, "Linkage"), one.about));
    let to_many = resource_type.to_many.iter().map(|many| (many.name, "ToManyLinks".to_owned(), many.about));
    let relationships: Map<String, Value> = to_one
        .chain(to_many)
        .map(|(name, schema, about)| (name.to_owned(), described(reference("schemas", &schema), about)))
        .collect();
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

/// Open, because requests use it, too.
fn identifier(type_name: &str) -> Value {
    bodies::identity(type_name, uuid(), Naming::Id)
}

fn single(resource_type: &'static ResourceType, data: Value) -> Value {
    let links = reference("schemas", "SelfLink");
    let properties = json!({ "data": data, "included": included(resource_type), "links": links });
    closed_object(&["data", "links"], properties)
}

fn page(items: &Value, links: &str, included: Option<Value>) -> Value {
    let mut properties = json!({
        "jsonapi": {
            "type": "object",
            "const": { "version": "1.1", "profile": [CURSOR_PAGINATION] },
        },
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
    let one_of: Vec<Value> =
        types.iter().map(|found| reference("schemas", &pascal(found.type_name))).collect();
    let mapping: Map<String, Value> = types
        .iter()
        .map(|found| {
            (found.type_name.to_owned(), reference("schemas", &pascal(found.type_name))["$ref"].take())
        })
        .collect();
    let items = json!({ "oneOf": one_of, "discriminator": { "propertyName": "type", "mapping": mapping } });
    described(value_schemas::array(items), "The resources that `include` selects, each once.")
}

fn error_codes() -> Value {
    let lines: Vec<String> = error_code::ALL
        .iter()
        .map(|code| format!("- `{}` ({}): {}", code.code, code.status, code.about))
        .collect();
    let names: Vec<&str> = error_code::ALL.iter().map(|code| code.code).collect();
    described(one_of_words(&names), &lines.join("\n"))
}
