//! What a schema takes, in words.

use serde_json::Value;

use crate::registry::docs::document::{resolved, word};

/// What is in backticks is to be sent as it is.
pub fn takes(schema: &Value) -> String {
    let schema = resolved(schema);
    if let Some(constant) = schema.get("const") {
        return format!("`{}`", word(constant));
    }
    if let Some(Value::Array(words)) = schema.get("enum") {
        let words: Vec<String> =
            words.iter().filter(|word| !word.is_null()).map(|one| format!("`{}`", word(one))).collect();
        return or_null(schema, words.join(", "));
    }
    if let Some(Value::Array(several)) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
        return several.iter().map(takes).collect::<Vec<_>>().join(", or ");
    }
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().map(word).unwrap_or_default(),
        Some(kind) => word(kind),
        None => "",
    };
    or_null(schema, of_kind(schema, kind))
}

fn of_kind(schema: &Value, kind: &str) -> String {
    match kind {
        "array" => format!("a list: {}", takes(&schema["items"])),
        "string" => text(schema),
        "integer" => match (schema.get("minimum"), schema.get("maximum")) {
            (Some(least), Some(most)) => format!("{least} to {most}"),
            _ => "a number".to_owned(),
        },
        "boolean" => "`true` or `false`".to_owned(),
        "object" => object(schema),
        other => other.to_owned(),
    }
}

fn text(schema: &Value) -> String {
    match (schema.get("format").map(word), schema.get("maxLength")) {
        (Some("uuid"), _) => "a UUID".to_owned(),
        (Some("date-time"), _) => "a time (RFC 3339)".to_owned(),
        (_, Some(most)) => format!("text of at most {most} characters"),
        (Some(_) | None, None) => "text".to_owned(),
    }
}

/// A resource identifier is told by its type; nothing else that is an object is looked into.
fn object(schema: &Value) -> String {
    match schema["properties"]["type"].get("const") {
        Some(kind) => format!("the identifier of a `{}`", word(kind)),
        None => "an object".to_owned(),
    }
}

fn or_null(schema: &Value, words: String) -> String {
    let is_nullable = schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "null"));
    if is_nullable { format!("{words}, or null") } else { words }
}
