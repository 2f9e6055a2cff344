//! Atomic operations (<https://jsonapi.org/ext/atomic>) as JSON schemas: one for each operation on each type, so that
//! the target of an operation and its data must match.

use serde_json::{Map, Value, json};

use crate::jsonapi::atomic::OPERATIONS_MAX;
use crate::jsonapi::media_type::ATOMIC;
use crate::jsonapi::resource_type::{ResourceType, Verb};
use crate::registry::openapi::request_bodies::{self as bodies, Naming};
use crate::registry::openapi::value_schemas::{array, closed_object, constant, described, object, uuid};
use crate::registry::openapi::{capitalized, pascal, reference};
use crate::registry::types::TYPES;

pub fn schemas() -> Map<String, Value> {
    let mut all: Map<String, Value> = TYPES.into_iter().flat_map(of_type).collect();
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

fn of_type(resource_type: &'static ResourceType) -> Vec<(String, Value)> {
    let name = pascal(resource_type.type_name);
    let href = url(resource_type, "");
    let body = |is_update| bodies::resource(resource_type, is_update, Naming::IdOrLid);
    // A resource as the target, not one of its relationships.
    let mut resource = bodies::identifier(resource_type.type_name, Naming::IdOrLid);
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
        let data = bodies::linkage(end, Naming::IdOrLid);
        let changes = if end.is_many {
            vec![("add", data), ("remove", bodies::removed_members(end, Naming::IdOrLid))]
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

/// The target is given either by `ref` or by `href`.
fn one_target() -> (&'static str, Value) {
    ("oneOf", json!([{ "required": ["ref"] }, { "required": ["href"] }]))
}

/// The URL of a resource, or with `suffix` of one of its relationships.
fn url(resource_type: &ResourceType, suffix: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^{}/[^/]+{suffix}$", resource_type.base) })
}

fn target(resource_type: &ResourceType) -> Value {
    bodies::identity(resource_type.type_name, uuid(), Naming::IdOrLid)
}

fn relate(resource_type: &ResourceType, op: &str, name: &str, data: Value) -> Value {
    let mut target = target(resource_type);
    target["properties"]["relationship"] = constant(name);
    target["required"] = json!(["type", "relationship"]);
    let href = url(resource_type, &format!("/relationships/{name}"));
    operation(op, json!({ "ref": target, "href": href, "data": data }), one_target())
}
