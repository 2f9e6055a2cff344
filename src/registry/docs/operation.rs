//! One operation of the API on the page.

use maud::{Markup, html};
use serde_json::Value;

use crate::registry::docs::document::{Operation, is_error_code, items, members, resolved, text};
use crate::registry::docs::markdown::{blocks, inline};
use crate::registry::docs::{Row, table};

pub fn badge(method: &str) -> Markup {
    html! { span class={ "method method--" (method) } { (method.to_uppercase()) } }
}

pub fn example(title: &str, value: &Value) -> Markup {
    html! {
        details class="example" {
            summary { (title) }
            pre tabindex="0" { code { (format!("{value:#}")) } }
        }
    }
}

pub fn article(operation: &Operation) -> Markup {
    let Operation { path, method, id, summary, value } = operation;
    let permission = match value["security"][0]["bearer"][0].as_str() {
        Some(scope) => format!("Requires a token with the scope `{scope}`."),
        None => "Requires no token.".to_owned(),
    };
    html! {
        article class="operation" id=(id) aria-labelledby={ (id) "-title" } {
            h3 id={ (id) "-title" } { (summary) }
            p class="operation__address" { (badge(method)) " " code { (path) } }
            (blocks(text(&value["description"])))
            p class="muted" { (inline(&permission)) }
            (parameters(value))
            (body(value))
            (responses(value))
        }
    }
}

fn parameters(operation: &Value) -> Markup {
    let row = |parameter: &Value| {
        let name = html! { code { (text(&parameter["name"])) } };
        let (value, about) = (summary(&parameter["schema"]), text(&parameter["description"]));
        (None, vec![name, html! { (text(&parameter["in"])) }, inline(&value), inline(about)])
    };
    let rows = items(&operation["parameters"]).map(resolved).map(row).collect();
    table("Parameters", &["Name", "In", "Value", "Meaning"], rows)
}

fn body(operation: &Value) -> Markup {
    let content = members(&operation["requestBody"]["content"]).next();
    html! {
        @if let Some((media_type, content)) = content {
            @let data = &resolved(&content["schema"])["properties"]["data"]["properties"];
            @let rows = ["attributes", "relationships"].iter().flat_map(|part| fields(data, part)).collect();
            p { "The body is " code { (media_type) } "." }
            (table("Fields of the body", &["Field", "Value", "Meaning"], rows))
            (example("Example of a request", &content["example"]))
        }
    }
}

fn fields(data: &Value, part: &str) -> Vec<Row> {
    let is_required = |name: &str| items(&data[part]["required"]).any(|required| required == name);
    members(&data[part]["properties"])
        .map(|(name, schema)| {
            // The value of a relationship is its `data`.
            let value = summary(schema["properties"].get("data").unwrap_or(schema));
            let value = if is_required(name) { format!("{value}; required") } else { value };
            let about = text(&schema["description"]);
            (None, vec![html! { code { (part) "." (name) } }, inline(&value), inline(about)])
        })
        .collect()
}

fn responses(operation: &Value) -> Markup {
    let all: Vec<(&str, &Value)> =
        members(&operation["responses"]).map(|(status, response)| (status, resolved(response))).collect();
    let row = |(status, response): &(&str, &Value)| {
        (None, vec![html! { (status) }, meaning(response), headers(response)])
    };
    let rows = all.iter().map(row).collect();
    html! {
        (table("Responses", &["Status", "Meaning", "Headers"], rows))
        @for (status, response) in all.iter().filter(|(status, _)| status.starts_with('2')) {
            @for (media_type, content) in members(&response["content"]) {
                (example(&format!("Example of {status}: {media_type}"), &content["example"]))
            }
        }
    }
}

/// The description, or for errors only the codes, which the table of error codes explains.
fn meaning(response: &Value) -> Markup {
    let about = text(&response["description"]);
    let codes: Vec<String> =
        about.split('`').filter(|piece| is_error_code(piece)).map(|code| format!("`{code}`")).collect();
    inline(&if codes.is_empty() { about.to_owned() } else { codes.join(" ") })
}

/// The headers that not every response has.
fn headers(response: &Value) -> Markup {
    let names: Vec<String> = members(&response["headers"])
        .filter(|(name, _)| !name.starts_with("RateLimit") && *name != "X-Request-Id")
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    inline(&names.join(" "))
}

/// The values that a schema allows, in Markdown.
fn summary(schema: &Value) -> String {
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
