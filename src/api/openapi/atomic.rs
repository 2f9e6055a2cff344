//! Atomic operations (<https://jsonapi.org/ext/atomic>) as JSON schemas: a schema for each thing that can
//! be done to each type, since only then what an operation names and what it brings fit together.

use serde_json::{Map, Value, json};

use super::bodies::{self, Naming};
use super::{pascal, reference};
use crate::api::types::TYPES;
use crate::jsonapi::atomic::OPERATIONS_MAX;
use crate::jsonapi::declare::{Declaration, Verb};
use crate::jsonapi::media_type::ATOMIC;

pub fn schemas() -> Map<String, Value> {
    let operations: Map<String, Value> = TYPES.into_iter().flat_map(of_type).collect();
    let any_of: Vec<Value> = operations.keys().map(|name| reference("schemas", name)).collect();
    let mut all = operations;
    for declaration in written() {
        let name = format!("{}Reference", pascal(declaration.kind));
        all.insert(name, bodies::by_reference(declaration));
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
fn written() -> impl Iterator<Item = &'static Declaration> {
    TYPES.into_iter().filter(|declaration| declaration.verbs.contains(&Verb::Create))
}

fn results() -> Value {
    let resources: Vec<Value> =
        written().map(|declaration| reference("schemas", &pascal(declaration.kind))).collect();
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

fn of_type(declaration: &'static Declaration) -> Vec<(String, Value)> {
    let name = pascal(declaration.kind);
    let mut all = Vec::new();
    for verb in declaration.verbs {
        match verb {
            Verb::Create => all.push((format!("{name}AddOperation"), add(declaration))),
            Verb::Update => all.push((format!("{name}UpdateOperation"), update(declaration))),
            Verb::Delete => all.push((format!("{name}RemoveOperation"), remove(declaration))),
            Verb::List | Verb::Retrieve => {}
        }
    }
    for one in declaration.to_one.iter().filter(|one| one.updatable) {
        let data = bodies::linkage(one.kind, one.nullable, Naming::IdOrLid);
        let schema = relate(declaration, "update", one.name, data);
        all.push((format!("{name}Update{}Operation", pascal(one.name)), schema));
    }
    for many in declaration.to_many.iter().filter(|many| many.writable) {
        let members = bodies::members(many.kind, Naming::IdOrLid);
        let absent = json!({ "type": "array", "items": bodies::absent(many.kind, Naming::IdOrLid) });
        for (word, verb, data) in [("add", "Add", members), ("remove", "Remove", absent)] {
            let schema = relate(declaration, word, many.name, data);
            all.push((format!("{name}{verb}{}Operation", pascal(many.name)), schema));
        }
    }
    all
}

fn word(word: &str) -> Value {
    json!({ "type": "string", "const": word })
}

/// The address of a resource, or with `rest` of a relationship.
fn address(declaration: &Declaration, rest: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^{}/[^/]+{rest}$", declaration.base) })
}

/// What is meant is said in one way.
fn never_both() -> Value {
    json!({ "required": ["ref", "href"] })
}

fn add(declaration: &Declaration) -> Value {
    json!({
        "type": "object",
        "required": ["op", "data"],
        "properties": {
            "op": word("add"),
            "href": word(declaration.base),
            "data": bodies::creation(declaration, Naming::IdOrLid),
        },
        "not": { "required": ["ref"] },
    })
}

/// A resource, and none of its relationships.
fn whole(declaration: &Declaration) -> Value {
    let mut target = reference("schemas", &format!("{}Reference", pascal(declaration.kind)));
    target["not"] = json!({ "required": ["relationship"] });
    target
}

fn update(declaration: &Declaration) -> Value {
    json!({
        "type": "object",
        "required": ["op", "data"],
        "properties": {
            "op": word("update"),
            "ref": whole(declaration),
            "href": address(declaration, ""),
            "data": bodies::change(declaration, Naming::IdOrLid),
        },
        "not": never_both(),
    })
}

fn remove(declaration: &Declaration) -> Value {
    json!({
        "type": "object",
        "required": ["op"],
        "properties": {
            "op": word("remove"),
            "ref": whole(declaration),
            "href": address(declaration, ""),
        },
        "oneOf": [{ "required": ["ref"] }, { "required": ["href"] }],
    })
}

fn relate(declaration: &Declaration, op: &str, name: &str, data: Value) -> Value {
    let mut target = bodies::by_reference(declaration);
    target["properties"]["relationship"] = word(name);
    target["required"] = json!(["type", "relationship"]);
    json!({
        "type": "object",
        "required": ["op", "data"],
        "properties": {
            "op": word(op),
            "ref": target,
            "href": address(declaration, &format!("/relationships/{name}")),
            "data": data,
        },
        "oneOf": [{ "required": ["ref"] }, { "required": ["href"] }],
    })
}
