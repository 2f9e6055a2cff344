//! The JSON schemas of documents. Those of responses are closed, so that checking the server against the document finds
//! undeclared members. No field is required, because `fields` may omit any of them. In requests, names that begin with
//! `@` are ignored, and so are unknown members outside of `attributes` and `relationships`.

use serde_json::{Map, Value, json};

use crate::api::error_code;
use crate::jsonapi::atomic::OPERATIONS_MAX;
use crate::jsonapi::media_type::{ATOMIC, CURSOR_PAGINATION};
use crate::jsonapi::resource_type::{Access, Relationship, ResourceType, Verb};
use crate::kernel::page::PAGE_SIZE_MAX;
use crate::registry::openapi::value_schemas::{
    self, array, closed_object, constant, described, nullable, object, one_of, string, uuid,
};
use crate::registry::openapi::{capitalized, pascal, reference};
use crate::registry::types::TYPES;

pub fn all() -> Map<String, Value> {
    let mut all = atomic_schemas();
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
            add(suffix, request_document(request_resource(resource_type, verb == Verb::Update, Naming::Id)));
        }
    }
}

fn add_related(end: &Relationship, all: &mut Map<String, Value>) {
    let name = pascal(end.type_name);
    // Open, because requests use it, too.
    all.insert(format!("{name}Identifier"), identity(end.type_name, uuid(), Naming::Id));
    if end.is_many {
        let items = identifier(end.type_name, Naming::Id);
        all.insert(format!("{name}Identifiers"), page(&items, "RelationshipPageLinks", None));
        return;
    }
    let links = reference("schemas", "RelationshipLinks");
    let properties = json!({ "data": linkage_schema(end, Naming::Id), "links": links });
    all.insert(related_name(end, "Linkage"), closed_object(&["data", "links"], properties));
    if let (true, Some(target)) = (end.nullable, declared(end.type_name)) {
        let document = single(target, nullable(&reference("schemas", &name)));
        all.insert(related_name(end, "Document"), document);
    }
}

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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    Id,
    IdOrLid,
}

pub fn request_document(data: Value) -> Value {
    object(&["data"], json!({ "data": data }))
}

pub fn identifier(type_name: &str, naming: Naming) -> Value {
    let suffix = match naming {
        Naming::Id => "Identifier",
        Naming::IdOrLid => "Reference",
    };
    reference("schemas", &(pascal(type_name) + suffix))
}

fn identity(type_name: &str, id: Value, naming: Naming) -> Value {
    identified(json!({ "type": constant(type_name), "id": id }), naming)
}

fn identified(mut properties: Value, naming: Naming) -> Value {
    if naming == Naming::Id {
        return object(&["type", "id"], properties);
    }
    properties["lid"] = string();
    let mut schema = object(&["type"], properties);
    schema["anyOf"] = json!([{ "required": ["id"] }, { "required": ["lid"] }]);
    schema
}

pub fn linkage_schema(end: &Relationship, naming: Naming) -> Value {
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

fn request_resource(resource_type: &ResourceType, is_update: bool, naming: Naming) -> Value {
    let writable = resource_type.attributes.iter().filter(|attribute| attribute.access.is_writable());
    let attributes = writable.map(|attribute| {
        (attribute.name, attribute.access == Access::Required, value_schemas::request(attribute))
    });
    let is_writable = |end: &&Relationship| {
        if is_update { end.updatable && !end.is_many } else { end.access.is_writable() }
    };
    let relationships = resource_type.relationships.iter().filter(is_writable).map(|end| {
        let linkage = described(request_document(linkage_schema(end, naming)), end.about);
        (end.name, end.access == Access::Required, linkage)
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

/// Fields with "required?", which matters only in a new resource.
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

/// Atomic operations (<https://jsonapi.org/ext/atomic>): a schema for each operation on each type.
fn atomic_schemas() -> Map<String, Value> {
    let mut all: Map<String, Value> = TYPES.into_iter().flat_map(atomic_operations).collect();
    let any_of: Vec<Value> = all.keys().map(|name| reference("schemas", name)).collect();
    let writable = TYPES.into_iter().filter(|resource_type| resource_type.verbs.contains(&Verb::Create));
    let names: Vec<String> = writable.clone().map(|resource_type| pascal(resource_type.type_name)).collect();
    all.extend(names.iter().map(|name| format!("{name}Reference")).zip(writable.map(target)));
    let operations = json!({ "atomic:operations": limited(json!({ "anyOf": any_of })) });
    all.insert("Operations".to_owned(), object(&["atomic:operations"], operations));
    all.insert("Results".to_owned(), results(names.iter().map(|name| reference("schemas", name)).collect()));
    all
}

fn limited(items: Value) -> Value {
    let mut schema = array(items);
    schema["maxItems"] = OPERATIONS_MAX.into();
    schema
}

fn results(resources: Vec<Value>) -> Value {
    let result = json!({
        "type": "object",
        "description": "Empty if the operation returns no resource.",
        "properties": { "data": { "oneOf": resources } },
        "additionalProperties": false,
    });
    let properties = json!({
        "jsonapi": { "type": "object", "const": { "version": "1.1", "ext": [ATOMIC] } },
        "atomic:results": described(limited(result), "One result for each operation, in the same order."),
    });
    closed_object(&["jsonapi", "atomic:results"], properties)
}

fn atomic_operations(resource_type: &'static ResourceType) -> Vec<(String, Value)> {
    let name = pascal(resource_type.type_name);
    let href = url(resource_type, "");
    let body = |is_update| request_resource(resource_type, is_update, Naming::IdOrLid);
    // A resource as the target, not one of its relationships.
    let mut resource = identifier(resource_type.type_name, Naming::IdOrLid);
    resource["not"] = json!({ "required": ["relationship"] });

    let of_verb = |verb: &Verb| match verb {
        Verb::Create => {
            let properties = json!({ "href": constant(resource_type.base), "data": body(false) });
            let rule = ("not", json!({ "required": ["ref"] }));
            Some((format!("{name}AddOperation"), operation("add", properties, rule)))
        }
        Verb::Update => {
            let properties = json!({ "ref": resource, "href": href, "data": body(true) });
            let rule = ("not", json!({ "required": ["ref", "href"] }));
            Some((format!("{name}UpdateOperation"), operation("update", properties, rule)))
        }
        Verb::Delete => {
            let properties = json!({ "ref": resource, "href": href });
            Some((format!("{name}RemoveOperation"), operation("remove", properties, one_target())))
        }
        Verb::List | Verb::Retrieve => None,
    };
    let mut all: Vec<_> = resource_type.verbs.iter().filter_map(of_verb).collect();
    for end in resource_type.relationships.iter().filter(|end| end.updatable) {
        let data = linkage_schema(end, Naming::IdOrLid);
        let changes = if end.is_many {
            vec![("add", data), ("remove", removed_members(end, Naming::IdOrLid))]
        } else {
            vec![("update", data)]
        };
        all.extend(changes.into_iter().map(|(op, data)| {
            let name = format!("{name}{}{}Operation", capitalized(op), pascal(end.name));
            (name, relate(resource_type, op, end.name, data))
        }));
    }
    all
}

/// An operation, which requires `data` if it has any. `rule` restricts how the target is given.
fn operation(op: &str, mut properties: Value, (keyword, rule): (&str, Value)) -> Value {
    properties["op"] = constant(op);
    let required: &[&str] = if properties.get("data").is_some() { &["op", "data"] } else { &["op"] };
    let mut schema = object(required, properties);
    schema[keyword] = rule;
    schema
}

fn one_target() -> (&'static str, Value) {
    ("oneOf", json!([{ "required": ["ref"] }, { "required": ["href"] }]))
}

fn url(resource_type: &ResourceType, suffix: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^{}/[^/]+{suffix}$", resource_type.base) })
}

fn target(resource_type: &ResourceType) -> Value {
    identity(resource_type.type_name, uuid(), Naming::IdOrLid)
}

fn relate(resource_type: &ResourceType, op: &str, name: &str, data: Value) -> Value {
    let mut target = target(resource_type);
    target["properties"]["relationship"] = constant(name);
    target["required"] = json!(["type", "relationship"]);
    let href = url(resource_type, &format!("/relationships/{name}"));
    operation(op, json!({ "ref": target, "href": href, "data": data }), one_target())
}
