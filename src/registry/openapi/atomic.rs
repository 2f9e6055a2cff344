//! Atomic operations (<https://jsonapi.org/ext/atomic>) as JSON schemas: one for each operation on each type, so that
//! the target of an operation and its data must match.

use serde_json::{Map, Value, json};

use crate::jsonapi::atomic::OPERATIONS_MAX;
use crate::jsonapi::media_type::ATOMIC;
use crate::jsonapi::resource_type::{ResourceType, Verb};
use crate::registry::openapi::request_bodies::{self as bodies, Naming};
use crate::registry::openapi::value_schemas::{
    array, closed_object, constant, described, object, pattern, uuid,
};
use crate::registry::openapi::{pascal, reference};
use crate::registry::types::TYPES;

pub fn schemas() -> Map<String, Value> {
    let mut all: Map<String, Value> = TYPES.into_iter().flat_map(of_type).collect();
    let any_of: Vec<Value> = all.keys().map(|name| reference("schemas", name)).collect();
    for resource_type in writable_types() {
        all.insert(format!("{}Reference", pascal(resource_type.type_name)), target(resource_type));
    }
    let operations = json!({ "atomic:operations": limited(json!({ "anyOf": any_of })) });
    all.insert("Operations".to_owned(), object(&["atomic:operations"], operations));
    all.insert("Results".to_owned(), results());
    all
}

fn writable_types() -> impl Iterator<Item = &'static ResourceType> {
    TYPES.into_iter().filter(|resource_type| resource_type.verbs.contains(&Verb::Create))
}

fn limited(items: Value) -> Value {
    let mut schema = array(items);
    schema["maxItems"] = OPERATIONS_MAX.into();
    schema
}

fn results() -> Value {
    let resources: Vec<Value> = writable_types()
        .map(|resource_type| reference("schemas", &pascal(resource_type.type_name)))
        .collect();
    let result = json!({
        "type": "object",
        "description": "Empty if the operation returns no resource.",
        "properties": { "data": { "oneOf": resources } },
        "additionalProperties": false,
    });
    closed_object(
        &["jsonapi", "atomic:results"],
        json!({
            "jsonapi": { "type": "object", "const": { "version": "1.1", "ext": [ATOMIC] } },
            "atomic:results": described(limited(result), "One result for each operation, in the same order."),
        }),
    )
}

fn of_type(resource_type: &'static ResourceType) -> Vec<(String, Value)> {
    let name = pascal(resource_type.type_name);
    let href = || address(resource_type, "");
    let mut all = Vec::new();
    for verb in resource_type.verbs {
        match verb {
            Verb::Create => {
                let data = bodies::creation(resource_type, Naming::IdOrLid);
                let properties = json!({ "href": constant(resource_type.base), "data": data });
                let rule = ("not", json!({ "required": ["ref"] }));
                all.push((format!("{name}AddOperation"), operation("add", properties, rule)));
            }
            Verb::Update => {
                let data = bodies::change(resource_type, Naming::IdOrLid);
                let properties = json!({ "ref": resource(resource_type), "href": href(), "data": data });
                let rule = ("not", json!({ "required": ["ref", "href"] }));
                all.push((format!("{name}UpdateOperation"), operation("update", properties, rule)));
            }
            Verb::Delete => {
                let properties = json!({ "ref": resource(resource_type), "href": href() });
                all.push((format!("{name}RemoveOperation"), operation("remove", properties, one_target())));
            }
            Verb::List | Verb::Retrieve => {}
        }
    }
    for one in resource_type.to_one.iter().filter(|one| one.updatable) {
        let data = bodies::linkage(one.type_name, one.nullable, Naming::IdOrLid);
        let schema = relate(resource_type, "update", one.name, data);
        all.push((format!("{name}Update{}Operation", pascal(one.name)), schema));
    }
    for many in resource_type.to_many.iter().filter(|many| many.writable) {
        let members = bodies::members(many.type_name, Naming::IdOrLid);
        let removed = bodies::removed_members(many.type_name, Naming::IdOrLid);
        for (op, verb, data) in [("add", "Add", members), ("remove", "Remove", removed)] {
            let schema = relate(resource_type, op, many.name, data);
            all.push((format!("{name}{verb}{}Operation", pascal(many.name)), schema));
        }
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

/// The target is given either by `ref` or by `href`.
fn one_target() -> (&'static str, Value) {
    ("oneOf", json!([{ "required": ["ref"] }, { "required": ["href"] }]))
}

/// The URL of a resource, or with `suffix` of one of its relationships.
fn address(resource_type: &ResourceType, suffix: &str) -> Value {
    pattern(&format!("^{}/[^/]+{suffix}$", resource_type.base))
}

fn target(resource_type: &ResourceType) -> Value {
    bodies::identity(resource_type.type_name, uuid(), Naming::IdOrLid)
}

/// A resource as the target, not one of its relationships.
fn resource(resource_type: &ResourceType) -> Value {
    let mut target = bodies::identifier(resource_type.type_name, Naming::IdOrLid);
    target["not"] = json!({ "required": ["relationship"] });
    target
}

fn relate(resource_type: &ResourceType, op: &str, name: &str, data: Value) -> Value {
    let mut target = target(resource_type);
    target["properties"]["relationship"] = constant(name);
    target["required"] = json!(["type", "relationship"]);
    let href = address(resource_type, &format!("/relationships/{name}"));
    operation(op, json!({ "ref": target, "href": href, "data": data }), one_target())
}
