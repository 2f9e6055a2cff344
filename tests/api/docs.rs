//! `GET /docs`: the description of the API as pages.

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

/// The introduction, a page for each resource type, and the error codes.
async fn pages(pool: PgPool) -> Vec<Page> {
    let app = TestApp::start(pool).await;
    let browser = app.browser();
    let index = browser.open("/docs").await;
    let (_, contents) = index.html.split_once("aria-label=\"Contents\"").unwrap();
    let (contents, _) = contents.split_once("</nav>").unwrap();
    let mut pages = Vec::new();
    for path in attributes(contents, "href") {
        let page = browser.open(path).await;
        assert_eq!((page.status, page.at.as_str()), (200, path));
        pages.push(page);
    }
    pages
}

#[database_test]
async fn pages_describe_every_operation_parameter_and_code(pool: PgPool) {
    let pages = pages(pool).await;
    let all: String = pages[1..].iter().map(|page| page.html.as_str()).collect();
    let mut operations = 0;
    for (path, item) in value()["paths"].as_object().unwrap() {
        assert!(all.contains(&format!("<code>{path}</code>")), "{path}");
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            let page = pages[1..].iter().find(|page| page.html.contains(&format!("id=\"{id}\""))).expect(id);
            assert!(page.html.contains(&format!("href=\"#{id}\"")), "nothing leads to {id}");
            let link = format!("<li id=\"{id}\"><a href=\"{}#{id}\"", page.at);
            assert!(pages[0].html.contains(&link), "the introduction does not lead to {id}");
            operations += 1;
        }
    }
    assert_eq!(all.matches("<article ").count(), operations);
    for name in ["filter[created_at][gte]", "sort", "include", "page[after]", "Idempotency-Key", "If-Match"] {
        assert!(all.contains(&format!("<code>{name}</code>")), "{name}");
    }
    let errors = &pages.last().unwrap().html;
    for code in value()["components"]["schemas"]["ErrorCode"]["enum"].as_array().unwrap() {
        let code = code.as_str().unwrap();
        assert!(errors.contains(&format!("<tr id=\"{code}\">")), "{code}");
    }
    for tag in value()["tags"].as_array().unwrap() {
        let name = tag["name"].as_str().unwrap();
        assert!(pages.iter().any(|page| page.html.contains(&format!("<h1>{name}</h1>"))), "{name}");
    }
    assert!(pages[0].html.contains("Authorization: Bearer &lt;token&gt;"), "texts are escaped");
    let (largest, total) = (pages.iter().map(|page| page.html.len()).max().unwrap(), all.len());
    assert!(largest < total / 2, "{largest} of {total} bytes are on one page");
}

#[database_test]
async fn pages_are_valid_and_link_only_to_this_server(pool: PgPool) {
    let pages = pages(pool).await;
    let ids =
        |page: &Page| attributes(&page.html, "id").iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    for page in &pages {
        let html = &page.html;
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"en\"><head>"), "{}", &html[..80]);
        assert_eq!((html.matches("<h1").count(), html.matches("<title>").count()), (1, 1));
        assert_eq!((html.matches("<main").count(), html.matches("<nav").count()), (1, 2));
        assert_eq!(html.matches("<table").count(), html.matches("<caption>").count());
        assert_eq!(html.matches("<th ").count(), html.matches(" scope=\"").count());
        for link in ["href=\"/groups\"", "href=\"/audit\"", "href=\"/docs\" aria-current=\"true\""] {
            assert!(html.contains(link), "{}: {link}", page.at);
        }

        let own = ids(page);
        assert_eq!(own.iter().collect::<BTreeSet<_>>().len(), own.len(), "{}: an id is there twice", page.at);
        let addresses: Vec<&str> = ["href", "src"].iter().flat_map(|name| attributes(html, name)).collect();
        for address in addresses {
            assert!(address.starts_with(['/', '#']) && !address.starts_with("//"), "{address}");
            let Some((path, id)) = address.split_once('#') else { continue };
            let at =
                if path.is_empty() { page } else { pages.iter().find(|page| page.at == path).expect(path) };
            assert!(id == "content" || ids(at).iter().any(|own| own == id), "{address} leads nowhere");
        }
        for id in attributes(html, "aria-labelledby") {
            assert!(own.iter().any(|own| own == id), "{id}");
        }
        let style = attributes(html, "href").into_iter().find(|href| href.ends_with("/groupdesk.css"));
        assert!(style.is_some_and(|href| href.starts_with("/pkg/")), "{style:?}");
    }
}

#[database_test]
async fn unknown_part_of_the_description_is_404(pool: PgPool) {
    let page = TestApp::start(pool).await.browser().open("/docs/nothing").await;
    assert_eq!(page.status, 404);
    assert!(page.text().contains("Before the first request"), "{}", page.text());
}
