//! Atomic operations (<https://jsonapi.org/ext/atomic>) as JSON schemas: a schema for each thing that can
//! be done to each type, since only then what an operation names and what it brings fit together.

use serde_json::{Map, Value, json};

use crate::jsonapi::atomic::OPERATIONS_MAX;
use crate::jsonapi::media_type::ATOMIC;
use crate::jsonapi::resource_type::{ResourceType, Verb};
use crate::registry::openapi::bodies;
use crate::registry::openapi::bodies::Naming;
use crate::registry::openapi::{pascal, reference};
use crate::registry::types::TYPES;

pub fn schemas() -> Map<String, Value> {
    let operations: Map<String, Value> = TYPES.into_iter().flat_map(of_type).collect();
    let any_of: Vec<Value> = operations.keys().map(|name| reference("schemas", name)).collect();
    let mut all = operations;
    for resource_type in written() {
        let name = format!("{}Reference", pascal(resource_type.kind));
        all.insert(name, bodies::by_reference(resource_type));
    }
    all.insert(
        "Operations".to_owned(),
        json!({
            "type": "object",
            "required": ["atomic:operations"],
            "properties": {
                "atomic:operations": {
                    "type": "array",
                    "maxItems": OPERATIONS_MAX,
                    "items": { "anyOf": any_of },
                },
            },
        }),
    );
    all.insert("Results".to_owned(), results());
    all
}

/// The types that operations can be about.
fn written() -> impl Iterator<Item = &'static ResourceType> {
    TYPES.into_iter().filter(|resource_type| resource_type.verbs.contains(&Verb::Create))
}

fn results() -> Value {
    let resources: Vec<Value> =
        written().map(|resource_type| reference("schemas", &pascal(resource_type.kind))).collect();
    json!({
        "type": "object",
        "required": ["jsonapi", "atomic:results"],
        "properties": {
            "jsonapi": { "type": "object", "const": { "version": "1.1", "ext": [ATOMIC] } },
            "atomic:results": {
                "type": "array",
                "maxItems": OPERATIONS_MAX,
                "description": "One for each operation, in their order.",
                "items": {
                    "type": "object",
                    "description": "Empty for what leaves no resource to show.",
                    "properties": { "data": { "oneOf": resources } },
                    "additionalProperties": false,
                },
            },
        },
        "additionalProperties": false,
    })
}

fn of_type(resource_type: &'static ResourceType) -> Vec<(String, Value)> {
    let name = pascal(resource_type.kind);
    let mut all = Vec::new();
    for verb in resource_type.verbs {
        match verb {
            Verb::Create => all.push((format!("{name}AddOperation"), add(resource_type))),
            Verb::Update => all.push((format!("{name}UpdateOperation"), update(resource_type))),
            Verb::Delete => all.push((format!("{name}RemoveOperation"), remove(resource_type))),
            Verb::List | Verb::Retrieve => {}
        }
    }
    for one in resource_type.to_one.iter().filter(|one| one.updatable) {
        let data = bodies::linkage(one.kind, one.nullable, Naming::IdOrLid);
        let schema = relate(resource_type, "update", one.name, data);
        all.push((format!("{name}Update{}Operation", pascal(one.name)), schema));
    }
    for many in resource_type.to_many.iter().filter(|many| many.writable) {
        let members = bodies::members(many.kind, Naming::IdOrLid);
        let absent = json!({ "type": "array", "items": bodies::absent(many.kind, Naming::IdOrLid) });
        for (word, verb, data) in [("add", "Add", members), ("remove", "Remove", absent)] {
            let schema = relate(resource_type, word, many.name, data);
            all.push((format!("{name}{verb}{}Operation", pascal(many.name)), schema));
        }
    }
    all
}

fn word(word: &str) -> Value {
    json!({ "type": "string", "const": word })
}

/// The address of a resource, or with `rest` of a relationship.
fn address(resource_type: &ResourceType, rest: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^{}/[^/]+{rest}$", resource_type.base) })
}

/// What is meant is said in one way.
fn never_both() -> Value {
    json!({ "required": ["ref", "href"] })
}

fn add(resource_type: &ResourceType) -> Value {
    json!({
        "type": "object",
        "required": ["op", "data"],
        "properties": {
            "op": word("add"),
            "href": word(resource_type.base),
            "data": bodies::creation(resource_type, Naming::IdOrLid),
        },
        "not": { "required": ["ref"] },
    })
}

/// A resource, and none of its relationships.
fn whole(resource_type: &ResourceType) -> Value {
    let mut target = reference("schemas", &format!("{}Reference", pascal(resource_type.kind)));
    target["not"] = json!({ "required": ["relationship"] });
    target
}

fn update(resource_type: &ResourceType) -> Value {
    json!({
        "type": "object",
        "required": ["op", "data"],
        "properties": {
            "op": word("update"),
            "ref": whole(resource_type),
            "href": address(resource_type, ""),
            "data": bodies::change(resource_type, Naming::IdOrLid),
        },
        "not": never_both(),
    })
}

fn remove(resource_type: &ResourceType) -> Value {
    json!({
        "type": "object",
        "required": ["op"],
        "properties": {
            "op": word("remove"),
            "ref": whole(resource_type),
            "href": address(resource_type, ""),
        },
        "oneOf": [{ "required": ["ref"] }, { "required": ["href"] }],
    })
}

fn relate(resource_type: &ResourceType, op: &str, name: &str, data: Value) -> Value {
    let mut target = bodies::by_reference(resource_type);
    target["properties"]["relationship"] = word(name);
    target["required"] = json!(["type", "relationship"]);
    json!({
        "type": "object",
        "required": ["op", "data"],
        "properties": {
            "op": word(op),
            "ref": target,
            "href": address(resource_type, &format!("/relationships/{name}")),
            "data": data,
        },
        "oneOf": [{ "required": ["ref"] }, { "required": ["href"] }],
    })
}
