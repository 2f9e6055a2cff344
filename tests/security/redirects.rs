//! No field or parameter redirects to another site.

use groupdesk::ui::paths;
use pretty_assertions::assert_eq;
use reqwest::Method;
use sqlx::PgPool;

use super::access::{CHANGING, OPEN, PAGES, rows};
use super::callers;
use super::fixtures::Fixtures;
use super::{forms, requests};
use crate::support::{PASSWORD, Reply, TestApp, client, get, operator, post};

/// Texts that browsers have taken for another site, a script or a second header.
const ELSEWHERE: [&str; 22] = [
    "https://evil.example/",
    "http:evil.example",
    "https:/evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\u{1}//evil.example",
    "\u{a0}//evil.example",
    "/\u{2028}/evil.example",
    "//\u{ff45}vil.example",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "/groups\r\nSet-Cookie: groupdesk_session=evil",
    "/groups\nLocation: https://evil.example",
    "evil.example",
    "@evil.example",
];

/// These are paths of this site, because browsers resolve nothing in them.
const HERE: [&str; 3] = ["/%2f%2fevil.example", "/%5cevil.example", "/groups?next=https://evil.example"];

/// Whether every browser stays on this site: no other host, and no character that browsers drop or
/// reinterpret.
fn is_local(location: &str) -> bool {
    let second = location.chars().nth(1);
    location.starts_with('/')
        && !matches!(second, Some('/' | '\\'))
        && location.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[database_test]
async fn sign_in_redirects_only_to_local_pages(pool: PgPool) {
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let app = TestApp::start(pool).await;
    let sign_in = async |next: &str| {
        let fields = [("email", "ana@example.com"), ("password", PASSWORD), ("next", next)];
        post(&app, "sign-in", "", &fields).await
    };
    for next in ELSEWHERE {
        let reply = sign_in(next).await;
        assert_eq!((reply.status, reply.header("location")), (302, "/"), "{next:?}");
        assert!(!reply.text.contains("evil"), "{next:?}: {}", reply.text);
        // The form does not contain the target, either.
        let page = get(&app, &format!("/login?next={}", paths::encode(next)), "").await;
        assert!(page.text.contains("name=\"next\" value=\"/\""), "{next:?}: {}", page.text);
        // A wrong password does not redirect there, either.
        let fields = [("email", "ana@example.com"), ("password", "x"), ("next", next)];
        if next == "//evil.example" {
            assert_eq!(post(&app, "sign-in", "", &fields).await.header("location"), "/login");
        }
    }
    for next in HERE {
        assert_eq!(sign_in(next).await.header("location"), next);
    }
}

/// The first submission succeeds and leads to `back`. Later ones find the change done, or are refused, and
/// lead to either page.
#[database_test]
async fn forms_redirect_only_to_local_pages(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let admin = callers.last().unwrap();
    let support = &callers[callers.len() - 2];
    let mut tried = 0;
    for row in rows(CHANGING).into_iter().chain(rows(OPEN)) {
        if !row.path.starts_with(paths::FUNCTIONS) || row.path.ends_with("-read") {
            continue;
        }
        let fixtures = Fixtures::make(&pool).await;
        let mut fields = forms::change_fields(&pool, row.function(), &fixtures, "").await;
        let is_way = |name: &str| ["back", "form_at", "next"].contains(&name);
        if !fields.iter().any(|(name, _)| is_way(name)) {
            continue;
        }
        for elsewhere in ELSEWHERE {
            for (name, value) in &mut fields {
                if is_way(name) {
                    elsewhere.clone_into(value);
                }
            }
            for caller in [admin, support] {
                let request = caller.ask(&app, &row.method, &row.path).header("accept", "text/html");
                let reply = Reply::read(request.header("sec-fetch-site", "same-origin").form(&fields)).await;
                let location = reply.header("location");
                assert!(reply.status == 302 && is_local(location), "{} {elsewhere:?}: {reply:?}", row.name());
                assert!(
                    reply
                        .headers
                        .get("set-cookie")
                        .is_none_or(|line| !line.to_str().unwrap().contains("evil"))
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 500, "{tried}");
}

/// Targets in the URL do not become links of the page.
#[database_test]
async fn pages_do_not_link_to_targets_from_the_url(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let admin = callers.last().unwrap();
    let fixtures = Fixtures::make(&pool).await;
    for row in rows(PAGES) {
        if row.method != Method::GET || row.path == paths::LIVE || row.path.contains("export") {
            continue;
        }
        for elsewhere in ["https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:evil()"]
        {
            let value = paths::encode(elsewhere);
            let path = requests::path(&row, &fixtures);
            let sign = if path.contains('?') { '&' } else { '?' };
            let path =
                format!("{path}{sign}back={value}&next={value}&form_at={value}&here={value}&view={value}");
            let reply = Reply::read(admin.ask(&app, &Method::GET, &path)).await;
            assert!(reply.status < 500, "{path}");
            assert!(reply.header("location").is_empty() || is_local(reply.header("location")), "{path}");
            for attribute in ["href", "action", "src", "formaction"] {
                let found = format!("{attribute}=\"{elsewhere}");
                assert!(!reply.text.contains(&found), "{path}: {found}");
            }
        }
    }
}

/// A path that careless parsers take for a URL of another site.
#[database_test]
async fn double_slashes_do_not_leave_the_site(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for path in ["//evil.example/", "//evil.example/%2e%2e", "/%5c%5cevil.example", "/.//evil.example"] {
        let reply = Reply::read(client().get(format!("{}{path}", app.url("")))).await;
        assert!([303, 404].contains(&reply.status), "{path}: {}", reply.status);
        let location = reply.header("location");
        assert!(
            location.is_empty() || location == "/login" || location.starts_with("/login?next="),
            "{path}: {location}"
        );
    }
}
