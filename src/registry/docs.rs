//! `GET /docs` and `GET /docs/{part}`: the OpenAPI document as HTML, with a page for each resource type and one for the
//! error codes. The pages have no script and load nothing from other hosts.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use pulldown_cmark::{Event, HeadingLevel, Parser, Tag as Element, TagEnd};
use serde_json::Value;

use crate::api::error_code::{self, ErrorCode};
use crate::kernel::paths::{API_DOCS, MAIN_PAGES};
use crate::platform::assets;
use crate::registry::openapi;

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

const ERRORS: &str = "errors";

/// The pages by the last part of their paths. That of `/docs` itself is empty.
static PAGES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let tags = tags();
    let of_tag = |tag: &Tag| (slug(tag), document(&tags, &slug(tag), tag.name, &resource(tag)).into_string());
    let introduction = document(&tags, "", "Before the first request", &introduction(&tags)).into_string();
    let codes = document(&tags, ERRORS, "Error codes", &errors()).into_string();
    let pages = [(String::new(), introduction), (ERRORS.to_owned(), codes)];
    pages.into_iter().chain(tags.iter().map(of_tag)).collect()
});

pub async fn index() -> Response {
    respond(StatusCode::OK, "")
}

/// An unknown part leads to the introduction, which links to all of them.
pub async fn part(Path(part): Path<String>) -> Response {
    let is_known = !part.is_empty() && PAGES.contains_key(&part);
    if is_known { respond(StatusCode::OK, &part) } else { respond(StatusCode::NOT_FOUND, "") }
}

fn respond(status: StatusCode, part: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (status, headers, PAGES.get(part).map(String::as_str).unwrap_or_default()).into_response()
}

fn slug(tag: &Tag) -> String {
    tag.name.to_lowercase().replace(' ', "-")
}

fn path_of(part: &str) -> String {
    if part.is_empty() { API_DOCS.to_owned() } else { format!("{API_DOCS}/{part}") }
}

fn document(tags: &[Tag], part: &str, title: &str, inside: &Markup) -> Markup {
    let name = if part.is_empty() { "API".to_owned() } else { format!("{title} · API") };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (name) " · groupdesk" }
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                link rel="stylesheet" href={ "/" (assets::package_dir()) "/groupdesk.css" };
            }
            body {
                a class="skip" href="#content" { "Skip to the content" }
                (navbar())
                div class="docs" {
                    (contents(tags, part))
                    main class="docs__main" id="content" tabindex="-1" {
                        h1 { (title) }
                        (inside)
                    }
                }
            }
        }
    }
}

/// The bar of every page. The pages behind its links ask for a sign-in.
fn navbar() -> Markup {
    html! {
        header class="bar" {
            div class="bar__inner" {
                a class="brand" href="/" { img src="/logo.svg" alt="" width="22" height="22"; "groupdesk" }
                nav class="bar__nav" aria-label="Main" {
                    @for (name, path) in MAIN_PAGES { a href=(path) { (name) } }
                    a href=(API_DOCS) aria-current="true" { "API" }
                    a href=(openapi::PATH) { "openapi.json" }
                }
            }
        }
    }
}

/// The pages, and below the current one its operations.
fn contents(tags: &[Tag], current: &str) -> Markup {
    let link = |part: &str, name: &str| {
        let is_current = (part == current).then_some("page");
        html! { a href=(path_of(part)) aria-current=[is_current] { (name) } }
    };
    html! {
        nav class="docs__nav" aria-label="Contents" {
            p { (link("", "Before the first request")) }
            @for tag in tags {
                p { (link(&slug(tag), tag.name)) }
                @if slug(tag) == current {
                    ul {
                        @for operation in &tag.operations {
                            li { a href={ "#" (operation.id) } { (badge(operation.method)) " " (operation.summary) } }
                        }
                    }
                }
            }
            p { (link(ERRORS, "Error codes")) }
        }
    }
}

/// How to begin, and all operations. Each has its id, so that links to the time of one single page lead to its entry.
fn introduction(tags: &[Tag]) -> Markup {
    let info = &openapi::value()["info"];
    html! {
        p class="muted" {
            (text(&info["title"])) ", version " (text(&info["version"])) ". For programs: "
            a href=(openapi::PATH) { "the OpenAPI description" }
            ", from which these pages are generated."
        }
        div class="docs__section" { (blocks(text(&info["description"]))) }
        @for tag in tags {
            (section(&slug(tag), tag.name, html! {
                ul class="docs__list" {
                    @for operation in &tag.operations {
                        li id=(operation.id) {
                            a href={ (path_of(&slug(tag))) "#" (operation.id) } { (badge(operation.method)) " " (operation.summary) }
                        }
                    }
                }
            }))
        }
    }
}

fn resource(tag: &Tag) -> Markup {
    html! {
        div class="docs__section" { (blocks(tag.about)) }
        @for operation in &tag.operations { (article(operation)) }
    }
}

fn section(id: &str, title: &str, inside: Markup) -> Markup {
    html! {
        section class="docs__section" id=(id) aria-labelledby={ (id) "-title" } {
            h2 id={ (id) "-title" } { (title) }
            (inside)
        }
    }
}

fn errors() -> Markup {
    let row = |error: &&'static ErrorCode| {
        let meaning = html! { (inline(error.about)) (example("Example", &openapi::error_example(error))) };
        (Some(error.code), vec![html! { code { (error.code) } }, html! { (error.status) }, meaning])
    };
    html! {
        p { "Every error has one of these codes." }
        (table("All error codes", &["Code", "Status", "Meaning"], error_code::ALL.iter().map(row).collect()))
    }
}

/// The id of a row, which links refer to, and its cells. The first one heads the row.
type Row = (Option<&'static str>, Vec<Markup>);

/// Nothing without rows. On a narrow screen each row becomes a card with labelled cells.
fn table(caption: &str, columns: &[&str], rows: Vec<Row>) -> Markup {
    html! {
        @if !rows.is_empty() {
            table class="table" {
                caption { (caption) }
                thead { tr { @for column in columns { th scope="col" { (column) } } } }
                tbody {
                    @for (id, cells) in rows {
                        tr id=[id] {
                            @for (index, (column, cell)) in columns.iter().zip(cells).enumerate() {
                                @if index == 0 {
                                    th scope="row" { (cell) }
                                } @else {
                                    // The style sheet makes the cell a grid, which needs one child beside the label.
                                    td data-label=(column) { div { (cell) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn badge(method: &str) -> Markup {
    html! { span class={ "method method--" (method) } { (method.to_uppercase()) } }
}

fn example(title: &str, value: &Value) -> Markup {
    html! {
        details class="example" {
            summary { (title) }
            pre tabindex="0" { code { (format!("{value:#}")) } }
        }
    }
}

fn article(operation: &Operation) -> Markup {
    let Operation { path, method, id, summary, value } = operation;
    let permission = match value["security"][0]["bearer"][0].as_str() {
        Some(scope) => format!("Requires a token with the scope `{scope}`."),
        None => "Requires no token.".to_owned(),
    };
    html! {
        article class="operation" id=(id) aria-labelledby={ (id) "-title" } {
            h2 id={ (id) "-title" } { (summary) }
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

fn headers(response: &Value) -> Markup {
    let names: Vec<String> = members(&response["headers"])
        .filter(|(name, _)| !name.starts_with("RateLimit") && *name != "X-Request-Id")
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    inline(&names.join(" "))
}

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

const METHODS: [&str; 4] = ["get", "post", "patch", "delete"];

struct Tag {
    name: &'static str,
    about: &'static str,
    operations: Vec<Operation>,
}

struct Operation {
    path: &'static str,
    method: &'static str,
    id: &'static str,
    summary: &'static str,
    value: &'static Value,
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn resolved(value: &Value) -> &Value {
    match value.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => openapi::value().pointer(pointer).unwrap_or(value),
        None => value,
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member))
}

fn tags() -> Vec<Tag> {
    let of_tag = |tag: &'static Value| {
        let (name, about) = (text(&tag["name"]), text(&tag["description"]));
        Tag { name, about, operations: operations(name) }
    };
    items(&openapi::value()["tags"]).map(of_tag).collect()
}

fn operations(tag: &str) -> Vec<Operation> {
    let at = |(path, item): (&'static str, &'static Value)| {
        METHODS.into_iter().filter_map(move |method| {
            let value = item.get(method).filter(|value| value["tags"][0] == tag)?;
            let (id, summary) = (text(&value["operationId"]), text(&value["summary"]));
            Some(Operation { path, method, id, summary, value })
        })
    };
    members(&openapi::value()["paths"]).flat_map(at).collect()
}

fn inline(markdown: &str) -> Markup {
    let is_paragraph =
        |event: &Event<'_>| matches!(event, Event::Start(Element::Paragraph) | Event::End(TagEnd::Paragraph));
    rendered(Parser::new(markdown).filter(|event| !is_paragraph(event)))
}

/// Headings are one level below that of the page.
fn blocks(markdown: &str) -> Markup {
    rendered(Parser::new(markdown).map(|event| match event {
        Event::Start(Element::Heading { id, classes, attrs, .. }) => {
            Event::Start(Element::Heading { level: HeadingLevel::H2, id, classes, attrs })
        }
        Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Heading(HeadingLevel::H2)),
        other => other,
    }))
}

fn is_error_code(word: &str) -> bool {
    error_code::ALL.iter().any(|known| known.code == word)
}

/// Error codes become links to their explanation, and HTML in the text is escaped.
fn rendered<'a>(events: impl Iterator<Item = Event<'a>>) -> Markup {
    let events = events.map(|event| match event {
        Event::Code(code) if is_error_code(&code) => {
            let link = html! { a href={ (path_of(ERRORS)) "#" (&*code) } { code { (&*code) } } };
            Event::InlineHtml(link.into_string().into())
        }
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    });
    let mut buffer = String::new();
    pulldown_cmark::html::push_html(&mut buffer, events);
    PreEscaped(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html_with_links_to_error_codes() {
        let found = blocks("## Ends\n\nOne `a<b`\ntwo <b>\n\n- `NOT_FOUND`: gone\n- else").into_string();
        let expected = "<h2>Ends</h2>\n<p>One <code>a&lt;b</code>\ntwo &lt;b&gt;</p>\n<ul>\n\
                        <li><a href=\"/docs/errors#NOT_FOUND\"><code>NOT_FOUND</code></a>: gone</li>\n<li>else</li>\n</ul>\n";
        assert_eq!(found, expected);
    }

    #[test]
    fn inline_markdown_has_no_paragraph() {
        assert_eq!(inline("One `two` three.").into_string(), "One <code>two</code> three.");
    }
}
