//! Describes the values that a schema allows, in Markdown.

use serde_json::Value;

use crate::registry::docs::document::{items, resolved, text};

/// Words in backticks are literal values.
pub fn summary(schema: &Value) -> String {
    let schema = resolved(schema);
    if let Some(constant) = schema.get("const") {
        return format!("`{}`", text(constant));
    }
    if let Some(Value::Array(several)) = schema.get("oneOf").or_else(|| schema.get("anyOf")) {
        return several.iter().map(summary).collect::<Vec<_>>().join(", or ");
    }
    let types = &schema["type"];
    let is_nullable = items(types).any(|name| name == "null");
    let words = match schema.get("enum") {
        Some(words) => {
            let words = items(words).filter(|word| !word.is_null());
            words.map(|word| format!("`{}`", text(word))).collect::<Vec<_>>().join(", ")
        }
        None => of_type(schema, text(types.get(0).unwrap_or(types))),
    };
    if is_nullable { format!("{words}, or null") } else { words }
}

fn of_type(schema: &Value, name: &str) -> String {
    match name {
        "array" => format!("a list: {}", summary(&schema["items"])),
        "string" => string(schema),
        "integer" => match (schema.get("minimum"), schema.get("maximum")) {
            (Some(min), Some(max)) => format!("{min} to {max}"),
            _ => "a number".to_owned(),
        },
        "boolean" => "`true` or `false`".to_owned(),
        // The schemas of bodies nest only resource identifiers.
        "object" => match schema["properties"]["type"].get("const") {
            Some(kind) => format!("the identifier of a `{}`", text(kind)),
            None => "an object".to_owned(),
        },
        other => other.to_owned(),
    }
}

fn string(schema: &Value) -> String {
    match (schema.get("format").map(text), schema.get("maxLength")) {
        (Some("uuid"), _) => "a UUID".to_owned(),
        (Some("date-time"), _) => "a time (RFC 3339)".to_owned(),
        (_, Some(max)) => format!("text of at most {max} characters"),
        (Some(_) | None, None) => "text".to_owned(),
    }
}
