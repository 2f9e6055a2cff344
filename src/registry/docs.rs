//! `GET /docs`: the OpenAPI document as an HTML page. It is generated once from the document, so that the two cannot
//! differ. The page has no script and loads nothing from other hosts.

mod document;
mod markdown;
mod operation;
mod schema_summary;

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use crate::api::error_code;
use crate::kernel::paths::API_DOCS;
use crate::platform::assets;
use crate::registry::docs::document::{Tag, tags, text};
use crate::registry::docs::markdown::{blocks, inline};
use crate::registry::docs::operation::{article, badge, example};
use crate::registry::openapi;

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

static PAGE: LazyLock<String> = LazyLock::new(|| render().into_string());

pub async fn page() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, PAGE.as_str()).into_response()
}

fn render() -> Markup {
    let tags = tags();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "API · groupdesk" }
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                link rel="stylesheet" href={ "/" (assets::package_dir()) "/groupdesk.css" };
            }
            body {
                a class="skip" href="#content" { "Skip to the content" }
                (navbar())
                div class="docs" { (contents(&tags)) (content(&tags)) }
            }
        }
    }
}

/// The bar of every page, with the links that require no sign-in.
fn navbar() -> Markup {
    html! {
        header class="bar" {
            div class="bar__inner" {
                a class="brand" href="/" { img src="/logo.svg" alt="" width="22" height="22"; "groupdesk" }
                nav class="bar__nav" aria-label="Main" {
                    a href=(API_DOCS) aria-current="page" { "API" }
                    a href=(openapi::PATH) { "openapi.json" }
                }
            }
        }
    }
}

/// All operations by tag, beside the text.
fn contents(tags: &[Tag]) -> Markup {
    html! {
        nav class="docs__nav" aria-label="Contents" {
            p { a href="#introduction" { "Before the first request" } }
            @for tag in tags {
                details open {
                    summary { (tag.name) }
                    ul {
                        @for operation in &tag.operations {
                            li {
                                a href={ "#" (operation.id()) } {
                                    (badge(operation.method)) " " (operation.summary())
                                }
                            }
                        }
                    }
                }
            }
            p { a href="#errors" { "Error codes" } }
        }
    }
}

fn content(tags: &[Tag]) -> Markup {
    let info = &openapi::value()["info"];
    html! {
        main class="docs__main" id="content" tabindex="-1" {
            h1 { (text(&info["title"])) }
            p class="muted" {
                "Version " (text(&info["version"])) ". For programs: "
                a href=(openapi::PATH) { "the OpenAPI description" }
                ", from which this page is generated."
            }
            (section("introduction", "Before the first request", blocks(text(&info["description"]))))
            @for tag in tags {
                (section(&tag.slug(), tag.name, html! {
                    (blocks(tag.about))
                    @for operation in &tag.operations { (article(operation)) }
                }))
            }
            (section("errors", "Error codes", errors()))
        }
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

/// Every error code, to which the tables of the operations link.
fn errors() -> Markup {
    let rows = error_code::ALL.iter().map(|error| Row {
        id: Some(error.code),
        name: html! { code { (error.code) } },
        cells: vec![
            html! { (error.status) },
            html! { (inline(error.about)) (example("Example", &openapi::error_example(error))) },
        ],
    });
    html! {
        p { "Every error has one of these codes." }
        (table("All error codes", &["Code", "Status", "Meaning"], rows))
    }
}

struct Row {
    /// The target of links to the row.
    id: Option<&'static str>,
    name: Markup,
    cells: Vec<Markup>,
}

/// A table whose first column heads the rows. On a narrow screen each row becomes a card with labelled cells.
fn table(caption: &str, columns: &[&str], rows: impl IntoIterator<Item = Row>) -> Markup {
    html! {
        table class="table" {
            caption { (caption) }
            thead { tr { @for column in columns { th scope="col" { (column) } } } }
            tbody {
                @for row in rows {
                    tr id=[row.id] {
                        th scope="row" { (row.name) }
                        @for (column, cell) in columns.iter().skip(1).zip(row.cells) {
                            // The style sheet makes the cell a grid, which needs one child beside the label.
                            td data-label=(column) { div { (cell) } }
                        }
                    }
                }
            }
        }
    }
}
