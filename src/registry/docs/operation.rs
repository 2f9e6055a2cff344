//! One operation of the API on the page.

use serde_json::Value;

use crate::registry::docs::document::{Operation, items, members, resolved, word};
use crate::registry::docs::html::{Html, code, element, text};
use crate::registry::docs::is_error_code;
use crate::registry::docs::prose::{blocks, inline};
use crate::registry::docs::table::{Row, table};
use crate::registry::docs::takes::takes;

/// A method, with a colour of its own.
pub fn badge(method: &str) -> Html {
    let class = format!("method method--{method}");
    element("span", &[("class", class.as_str())], [text(&method.to_uppercase())])
}

/// An example that is shown when asked for.
pub fn example(title: &str, value: &Value) -> Html {
    let summary = element("summary", &[], [text(title)]);
    let shown = element("pre", &[("tabindex", "0")], [code(&format!("{value:#}"))]);
    element("details", &[("class", "example")], [summary, shown])
}

pub fn article(operation: &Operation) -> Html {
    let heading = format!("{}-title", operation.id());
    let title = element("h3", &[("id", heading.as_str())], [text(operation.summary())]);
    let address = [badge(operation.method), text(" "), code(operation.path)];
    let mut inside = vec![title, element("p", &[("class", "operation__address")], address)];
    inside.extend(blocks(word(&operation.value["description"])));
    inside.push(element("p", &[("class", "muted")], inline(&permission(operation.value))));
    inside.extend(parameters(operation.value));
    inside.extend(body(operation.value));
    inside.extend(responses(operation.value));
    let attributes = [("class", "operation"), ("id", operation.id()), ("aria-labelledby", heading.as_str())];
    element("article", &attributes, inside)
}

fn permission(operation: &Value) -> String {
    match operation["security"][0]["bearer"][0].as_str() {
        Some(scope) => format!("Takes a token with the scope `{scope}`."),
        None => "Takes no token.".to_owned(),
    }
}

fn parameters(operation: &Value) -> Option<Html> {
    let rows: Vec<Row> = items(&operation["parameters"])
        .map(resolved)
        .map(|parameter| Row {
            id: None,
            name: vec![code(word(&parameter["name"]))],
            cells: vec![
                vec![text(word(&parameter["in"]))],
                inline(&takes(&parameter["schema"])),
                inline(word(&parameter["description"])),
            ],
        })
        .collect();
    (!rows.is_empty()).then(|| table("Parameters", &["Name", "In", "Takes", "Meaning"], rows))
}

/// The fields that a body may have, as far as it is a resource, and an example of it.
fn body(operation: &Value) -> Vec<Html> {
    let Some((media_type, content)) = members(&operation["requestBody"]["content"]).next() else {
        return Vec::new();
    };
    let kind = [text("The body is "), code(media_type), text(".")];
    let mut all = vec![element("p", &[], kind)];
    let data = &resolved(&content["schema"])["properties"]["data"]["properties"];
    let rows: Vec<Row> = ["attributes", "relationships"].iter().flat_map(|part| fields(data, part)).collect();
    if !rows.is_empty() {
        all.push(table("Fields of the body", &["Field", "Takes", "Meaning"], rows));
    }
    all.push(example("Example of a request", &content["example"]));
    all
}

fn fields(data: &Value, part: &str) -> Vec<Row> {
    let is_required = |name: &str| items(&data[part]["required"]).any(|required| required == name);
    members(&data[part]["properties"])
        .map(|(name, schema)| {
            // Of a relationship, what its `data` takes.
            let taken = schema["properties"].get("data").unwrap_or(schema);
            let taken = if is_required(name) { format!("{}; required", takes(taken)) } else { takes(taken) };
            Row {
                id: None,
                name: vec![code(&format!("{part}.{name}"))],
                cells: vec![inline(&taken), inline(word(&schema["description"]))],
            }
        })
        .collect()
}

fn responses(operation: &Value) -> Vec<Html> {
    let all: Vec<(&str, &Value)> =
        members(&operation["responses"]).map(|(status, response)| (status, resolved(response))).collect();
    let rows = all.iter().map(|(status, response)| Row {
        id: None,
        name: vec![text(status)],
        cells: vec![meaning(response), headers(response)],
    });
    let mut shown = vec![table("Responses", &["Status", "Meaning", "Headers"], rows)];
    for (status, response) in all.iter().filter(|(status, _)| status.starts_with('2')) {
        for (media_type, content) in members(&response["content"]) {
            shown.push(example(&format!("Example of {status}: {media_type}"), &content["example"]));
        }
    }
    shown
}

/// Of a refusal its codes, which are explained in one place.
fn meaning(response: &Value) -> Vec<Html> {
    let about = word(&response["description"]);
    let codes: Vec<String> =
        about.split('`').filter(|piece| is_error_code(piece)).map(|piece| format!("`{piece}`")).collect();
    inline(&if codes.is_empty() { about.to_owned() } else { codes.join(" ") })
}

/// Those that not every answer has.
fn headers(response: &Value) -> Vec<Html> {
    let names: Vec<String> = members(&response["headers"])
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with("RateLimit") && *name != "X-Request-Id")
        .map(|name| format!("`{name}`"))
        .collect();
    inline(&names.join(" "))
}
