//! Reads the OpenAPI document for the page.

use serde_json::Value;

use crate::api::error_code;
use crate::registry::openapi;

const METHODS: [&str; 4] = ["get", "post", "patch", "delete"];

pub struct Tag {
    pub name: &'static str,
    pub about: &'static str,
    pub operations: Vec<Operation>,
}

pub struct Operation {
    pub path: &'static str,
    pub method: &'static str,
    pub id: &'static str,
    pub summary: &'static str,
    pub value: &'static Value,
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The target of a reference; any other value is itself.
pub fn resolved(value: &Value) -> &Value {
    match value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => openapi::value().pointer(pointer).unwrap_or(value),
        None => value,
    }
}

pub fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member))
}

pub fn is_error_code(word: &str) -> bool {
    error_code::ALL.iter().any(|known| known.code == word)
}

pub fn tags() -> Vec<Tag> {
    let of_tag = |tag: &'static Value| {
        let (name, about) = (text(&tag["name"]), text(&tag["description"]));
        Tag { name, about, operations: operations(name) }
    };
    items(&openapi::value()["tags"]).map(of_tag).collect()
}

fn operations(tag: &str) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in members(&openapi::value()["paths"]) {
        for method in METHODS {
            if let Some(value) = item.get(method).filter(|value| value["tags"][0] == tag) {
                let (id, summary) = (text(&value["operationId"]), text(&value["summary"]));
                all.push(Operation { path, method, id, summary, value });
            }
        }
    }
    all
}
