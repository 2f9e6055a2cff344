//! The description as this page reads it.

use serde_json::Value;

use crate::registry::openapi;

/// In the order in which a reader wants them.
const METHODS: [&str; 4] = ["get", "post", "patch", "delete"];

pub struct Tag {
    pub name: &'static str,
    pub about: &'static str,
    pub operations: Vec<Operation>,
}

impl Tag {
    /// Its name as the id of its section.
    pub fn slug(&self) -> String {
        self.name.to_lowercase().replace(' ', "-")
    }
}

pub struct Operation {
    pub path: &'static str,
    pub method: &'static str,
    pub value: &'static Value,
}

impl Operation {
    pub fn id(&self) -> &'static str {
        word(&self.value["operationId"])
    }

    pub fn summary(&self) -> &'static str {
        word(&self.value["summary"])
    }
}

/// A text of the document; none where there is something else.
pub fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// What a reference leads to; anything else is itself.
pub fn resolved(value: &Value) -> &Value {
    match value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => openapi::value().pointer(pointer).unwrap_or(value),
        None => value,
    }
}

/// What is listed here, none where nothing is.
pub fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// What is in this object, none where there is no object.
pub fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member))
}

pub fn tags() -> Vec<Tag> {
    let of_tag = |tag: &'static Value| Tag {
        name: word(&tag["name"]),
        about: word(&tag["description"]),
        operations: operations(word(&tag["name"])),
    };
    items(&openapi::value()["tags"]).map(of_tag).collect()
}

fn operations(tag: &str) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in members(&openapi::value()["paths"]) {
        for method in METHODS {
            if let Some(value) = item.get(method).filter(|value| value["tags"][0] == tag) {
                all.push(Operation { path, method, value });
            }
        }
    }
    all
}
