//! `GET /docs`: the description of the API (`openapi`) as a page. All of it is made from the document
//! that programs read, so the two cannot tell different stories. It has no script, asks no other host for
//! anything, and is made once.

mod document;
mod html;
mod operation;
mod prose;
mod table;
mod takes;

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::platform::assets;
use crate::registry::docs::document::{Tag, tags, word};
use crate::registry::docs::html::{Html, code, element, page as html_page, text, void};
use crate::registry::docs::table::{Row, table};
use crate::registry::openapi;
use crate::registry::openapi::{CODES, ErrorCode, error_example};
use crate::ui::paths;

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

static PAGE: LazyLock<String> = LazyLock::new(|| html_page(head(), body()));

pub async fn page() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, PAGE.as_str()).into_response()
}

fn is_error_code(word: &str) -> bool {
    CODES.iter().any(|known| known.code == word)
}

fn head() -> Html {
    let style = format!("/{}/groupdesk.css", assets::package_dir());
    element(
        "head",
        &[],
        [
            void("meta", &[("charset", "utf-8")]),
            void("meta", &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")]),
            void("meta", &[("name", "color-scheme"), ("content", "light dark")]),
            element("title", &[], [text("API · groupdesk")]),
            void("link", &[("rel", "icon"), ("href", "/favicon.svg"), ("type", "image/svg+xml")]),
            void("link", &[("rel", "stylesheet"), ("href", style.as_str())]),
        ],
    )
}

fn body() -> Html {
    let tags = tags();
    element(
        "body",
        &[],
        [
            element("a", &[("class", "skip"), ("href", "#content")], [text("Skip to the content")]),
            bar(),
            element("div", &[("class", "docs")], [contents(&tags), content(&tags)]),
        ],
    )
}

/// The bar of every page, with what a reader who is not signed in can open.
fn bar() -> Html {
    let logo = void("img", &[("src", "/logo.svg"), ("alt", ""), ("width", "22"), ("height", "22")]);
    let brand = element("a", &[("class", "brand"), ("href", paths::HOME)], [logo, text("groupdesk")]);
    let here = element("a", &[("href", paths::API_DOCS), ("aria-current", "page")], [text("API")]);
    let description = element("a", &[("href", openapi::ADDRESS)], [text("openapi.json")]);
    let navigation = element("nav", &[("class", "bar__nav"), ("aria-label", "Main")], [here, description]);
    element("header", &[("class", "bar")], [element("div", &[("class", "bar__inner")], [brand, navigation])])
}

fn link(id: &str, words: impl IntoIterator<Item = Html>) -> Html {
    let address = format!("#{id}");
    element("a", &[("href", address.as_str())], words)
}

/// Every operation by tag, beside the text.
fn contents(tags: &[Tag]) -> Html {
    let plain = |id: &str, words: &str| element("p", &[], [link(id, [text(words)])]);
    let of_tag = |tag: &Tag| {
        let items = tag.operations.iter().map(|operation| {
            let words = [operation::badge(operation.method), text(" "), text(operation.summary())];
            element("li", &[], [link(operation.id(), words)])
        });
        let summary = element("summary", &[], [text(tag.name)]);
        element("details", &[("open", "")], [summary, element("ul", &[], items)])
    };
    let first = plain("introduction", "Before the first request");
    let last = plain("errors", "Error codes");
    let all = [first].into_iter().chain(tags.iter().map(of_tag)).chain([last]);
    element("nav", &[("class", "docs__nav"), ("aria-label", "Contents")], all)
}

fn content(tags: &[Tag]) -> Html {
    let info = &openapi::value()["info"];
    let lead = element(
        "p",
        &[("class", "muted")],
        [
            text(&format!("Version {}. For programs: ", word(&info["version"]))),
            element("a", &[("href", openapi::ADDRESS)], [text("the OpenAPI description")]),
            text(", from which this page is made."),
        ],
    );
    let title = element("h1", &[], [text(word(&info["title"]))]);
    let introduction =
        section("introduction", "Before the first request", prose::blocks(word(&info["description"])));
    let sections = tags.iter().map(|tag| {
        let about = prose::blocks(tag.about);
        section(&tag.slug(), tag.name, about.into_iter().chain(tag.operations.iter().map(operation::article)))
    });
    let parts = [title, lead, introduction].into_iter().chain(sections).chain([errors()]);
    element("main", &[("class", "docs__main"), ("id", "content"), ("tabindex", "-1")], parts)
}

fn section(id: &str, title: &str, inside: impl IntoIterator<Item = Html>) -> Html {
    let heading = format!("{id}-title");
    let title = element("h2", &[("id", heading.as_str())], [text(title)]);
    let attributes = [("class", "docs__section"), ("id", id), ("aria-labelledby", heading.as_str())];
    element("section", &attributes, [title].into_iter().chain(inside))
}

/// Every code, where the operations' tables lead to.
fn errors() -> Html {
    let about = "Every refusal says one of these codes, with an example each.";
    let all = table("All error codes", &["Code", "Status", "Meaning"], CODES.iter().map(error_row));
    section("errors", "Error codes", [element("p", &[], [text(about)]), all])
}

fn error_row(error: &ErrorCode) -> Row {
    let mut meaning = prose::inline(error.about);
    meaning.push(operation::example("Example", &error_example(error)));
    Row {
        id: Some(error.code.to_owned()),
        name: vec![code(error.code)],
        cells: vec![vec![text(&error.status.to_string())], meaning],
    }
}
