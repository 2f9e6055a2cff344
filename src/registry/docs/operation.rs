//! One operation of the API on the page.

use maud::{Markup, html};
use serde_json::Value;

use crate::registry::docs::document::{Operation, is_error_code, items, members, resolved, text};
use crate::registry::docs::markdown::{blocks, inline};
use crate::registry::docs::schema_summary::summary;
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
    let Operation { path, method, value } = operation;
    let permission = match value["security"][0]["bearer"][0].as_str() {
        Some(scope) => format!("Requires a token with the scope `{scope}`."),
        None => "Requires no token.".to_owned(),
    };
    html! {
        article class="operation" id=(operation.id()) aria-labelledby={ (operation.id()) "-title" } {
            h3 id={ (operation.id()) "-title" } { (operation.summary()) }
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
    let rows: Vec<Row> = items(&operation["parameters"])
        .map(resolved)
        .map(|parameter| Row {
            id: None,
            name: html! { code { (text(&parameter["name"])) } },
            cells: vec![
                html! { (text(&parameter["in"])) },
                inline(&summary(&parameter["schema"])),
                inline(text(&parameter["description"])),
            ],
        })
        .collect();
    optional_table("Parameters", &["Name", "In", "Value", "Meaning"], rows)
}

fn optional_table(caption: &str, columns: &[&str], rows: Vec<Row>) -> Markup {
    html! { @if !rows.is_empty() { (table(caption, columns, rows)) } }
}

fn body(operation: &Value) -> Markup {
    let content = members(&operation["requestBody"]["content"]).next();
    html! {
        @if let Some((media_type, content)) = content {
            @let data = &resolved(&content["schema"])["properties"]["data"]["properties"];
            @let rows = ["attributes", "relationships"].iter().flat_map(|part| fields(data, part)).collect();
            p { "The body is " code { (media_type) } "." }
            (optional_table("Fields of the body", &["Field", "Value", "Meaning"], rows))
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
            Row {
                id: None,
                name: html! { code { (part) "." (name) } },
                cells: vec![inline(&value), inline(text(&schema["description"]))],
            }
        })
        .collect()
}

fn responses(operation: &Value) -> Markup {
    let all: Vec<(&str, &Value)> =
        members(&operation["responses"]).map(|(status, response)| (status, resolved(response))).collect();
    let rows = all.iter().map(|(status, response)| Row {
        id: None,
        name: html! { (status) },
        cells: vec![meaning(response), headers(response)],
    });
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
