//! `GET /docs`: the description of the API as a page.

use std::collections::BTreeSet;

use groupdesk::registry::openapi::value;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Page, TestApp};

async fn page(pool: PgPool) -> Page {
    TestApp::start(pool).await.browser().open("/docs").await
}

/// What the attributes of this name say.
fn attributes<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    html.split(start.as_str()).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[database_test]
async fn anybody_may_read_it_and_it_may_do_nothing(pool: PgPool) {
    let page = page(pool).await;
    assert_eq!((page.status, page.at.as_str()), (200, "/docs"));
    let header = |name: &str| page.headers.get(name).map_or("", |value| value.to_str().unwrap());
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
    assert_eq!(
        header("content-security-policy"),
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("referrer-policy"), "same-origin");
    assert_eq!(header("cache-control"), "no-cache");
    assert_eq!(header("x-request-id").len(), 32);
    for never in ["<script", "<style", " style=\"", "<iframe", "<form", "javascript:"] {
        assert!(!page.html.contains(never), "{never}");
    }
}

#[database_test]
async fn it_tells_every_operation_parameter_and_code(pool: PgPool) {
    let html = page(pool).await.html;
    let mut operations = 0;
    for (path, item) in value()["paths"].as_object().unwrap() {
        assert!(html.contains(&format!("<code>{path}</code>")), "{path}");
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(html.contains(&format!("id=\"{id}\"")), "{id} is not there");
            assert!(html.contains(&format!("href=\"#{id}\"")), "nothing leads to {id}");
            operations += 1;
        }
    }
    assert_eq!(html.matches("<article ").count(), operations);
    for name in ["filter[created_at][gte]", "sort", "include", "page[after]", "Idempotency-Key", "If-Match"] {
        assert!(html.contains(&format!("<code>{name}</code>")), "{name}");
    }
    for code in value()["components"]["schemas"]["ErrorCode"]["enum"].as_array().unwrap() {
        let code = code.as_str().unwrap();
        assert!(html.contains(&format!("<tr id=\"{code}\">")), "{code}");
    }
    for tag in value()["tags"].as_array().unwrap() {
        let name = tag["name"].as_str().unwrap();
        assert!(html.contains(&format!("<summary>{name}</summary>")), "{name}");
    }
    assert!(html.contains("Authorization: Bearer &lt;token&gt;"), "what stands in text is escaped");
}

#[database_test]
async fn it_is_a_well_made_page_that_asks_nobody_else(pool: PgPool) {
    let html = page(pool).await.html;
    assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\"><head>"), "{}", &html[..80]);
    assert_eq!((html.matches("<h1").count(), html.matches("<title>").count()), (1, 1));
    assert_eq!((html.matches("<main").count(), html.matches("<nav").count()), (1, 2));
    assert_eq!(html.matches("<table").count(), html.matches("<caption>").count());
    assert_eq!(html.matches("<th ").count(), html.matches(" scope=\"").count());

    let addresses: Vec<&str> = ["href", "src"].iter().flat_map(|name| attributes(&html, name)).collect();
    assert!(addresses.len() > 100, "{addresses:?}");
    let ids = attributes(&html, "id");
    let distinct: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(distinct.len(), ids.len(), "an id is there twice");
    for address in addresses {
        match address.strip_prefix('#') {
            Some(id) => assert!(distinct.contains(id), "{address} leads nowhere"),
            None => assert!(address.starts_with('/') && !address.starts_with("//"), "{address}"),
        }
    }
    for id in attributes(&html, "aria-labelledby") {
        assert!(distinct.contains(id), "{id}");
    }
    let style = attributes(&html, "href").into_iter().find(|href| href.ends_with("/groupdesk.css"));
    assert!(style.is_some_and(|href| href.starts_with("/pkg/")), "{style:?}");
}
