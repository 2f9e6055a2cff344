//! Security headers of every response.

use groupdesk::ui::paths::API_DOCS;
use reqwest::Method;
use sqlx::PgPool;

use super::access::{API, CHANGING, OPEN, PAGES, READING, rows};
use super::callers;
use super::fixtures::Fixtures;
use super::{forms, requests};
use crate::support::{Reply, TestApp};

fn directives(policy: &str) -> Vec<&str> {
    policy.split(';').map(str::trim).collect()
}

/// The policy prevents framing by other sites, scripts that do not belong to the page, and forms and links
/// that a changed base sends elsewhere.
fn assert_policy(reply: &Reply, context: &str) {
    let policy = reply.header("content-security-policy");
    let directives = directives(policy);
    for wanted in ["frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(directives.contains(&wanted), "{context}: {policy}");
    }
    let sources = |name: &str| {
        let found = directives.iter().find_map(|directive| directive.strip_prefix(name)?.strip_prefix(' '));
        found.unwrap_or_default().to_owned()
    };
    let own = ["'self'".to_owned(), "'none'".to_owned()];
    assert!(
        own.contains(&sources("default-src")) && own.contains(&sources("form-action")),
        "{context}: {policy}"
    );
    let is_bare = sources("default-src") == "'none'";
    assert!(is_bare || sources("object-src") == "'none'", "{context}: {policy}");
    assert!(is_bare || sources("style-src") == "'self'", "{context}: {policy}");
    // Only a developer's page may connect elsewhere, to the process that reloads it.
    assert_eq!(sources("connect-src"), "", "{context}: {policy}");
    for loose in ["unsafe-inline", "'unsafe-eval'", "*", "http:", "https:", "data:", "blob:", "ws:"] {
        assert!(!policy.contains(loose), "{context}: {policy}");
    }
}

fn assert_headers(reply: &Reply, is_private: bool, context: &str) {
    assert_eq!(reply.header("x-content-type-options"), "nosniff", "{context}");
    assert_eq!(reply.header("x-request-id").len(), 32, "{context}");
    let referrer = reply.header("referrer-policy");
    assert_eq!(referrer, "same-origin", "{context}");
    for power in ["camera=()", "geolocation=()", "microphone=()", "payment=()", "usb=()"] {
        assert!(reply.header("permissions-policy").contains(power), "{context}");
    }
    assert_eq!(reply.header("cross-origin-opener-policy"), "same-origin", "{context}");
    if is_private {
        let caching = reply.header("cache-control");
        assert!(
            ["no-store", "no-cache"].contains(&caching) || caching.contains("private"),
            "{context}: {caching}"
        );
    }
    // No response reveals the software that produced it.
    for name in ["server", "x-powered-by"] {
        assert_eq!(reply.header(name), "", "{context}");
    }
    // Other sites may not read any response.
    assert_eq!(reply.header("access-control-allow-origin"), "", "{context}");
}

#[database_test]
async fn every_response_has_security_headers(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let (pages, machines) = (callers::page_callers(&app).await, callers::api_callers(&app).await);
    let fixtures = Fixtures::make(&pool).await;
    for section in [API, PAGES, OPEN] {
        let all = if section == API { &machines } else { &pages };
        for row in rows(section) {
            if row.path.starts_with("/api/fn/") {
                continue;
            }
            for caller in [all.first().unwrap(), all.last().unwrap()] {
                let request =
                    requests::request(&app, caller, &row, &fixtures).header("origin", "https://evil.example");
                let request = request.header("accept-encoding", "identity");
                let reply = Reply::read(request).await;
                let context = format!("{} as {}, {}", row.name(), caller.name, reply.status);
                assert_headers(&reply, section != OPEN, &context);
                if section == PAGES {
                    assert_eq!(reply.header("cache-control"), "no-store", "{context}");
                }
                if section == PAGES || reply.header("content-type").starts_with("text/html") {
                    assert_policy(&reply, &context);
                }
            }
        }
    }
}

#[database_test]
async fn server_functions_have_security_headers(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let fixtures = Fixtures::make(&pool).await;
    for row in [READING, CHANGING, OPEN].into_iter().flat_map(rows) {
        if !row.path.starts_with("/api/fn/") {
            continue;
        }
        let fields = if row.path.ends_with("-read") {
            forms::read_fields(row.function(), &fixtures)
        } else {
            forms::change_fields(&pool, row.function(), &fixtures, "").await
        };
        for caller in [callers.first().unwrap(), callers.last().unwrap()] {
            for site in ["same-origin", "cross-site"] {
                let request = caller.ask(&app, &Method::POST, &row.path).header("sec-fetch-site", site);
                let reply = Reply::read(request.header("accept", "text/html").form(&fields)).await;
                let context = format!("{} as {} from {site}, {}", row.name(), caller.name, reply.status);
                assert_headers(&reply, true, &context);
                assert_eq!(reply.header("cache-control"), "no-store", "{context}");
                assert_policy(&reply, &context);
            }
            caller.sign_in(&app).await;
        }
    }
}

/// The scripts of a page carry its nonce, which differs on every page; other scripts do not run.
#[database_test]
async fn pages_run_only_scripts_with_their_nonce(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let fixtures = Fixtures::make(&pool).await;
    let admin = callers.last().unwrap();
    let mut nonces = std::collections::BTreeSet::new();
    let mut pages = 0;
    for row in [PAGES, OPEN].into_iter().flat_map(rows) {
        if row.method != Method::GET || row.path.starts_with(API_DOCS) {
            continue;
        }
        let reply = Reply::read(admin.ask(&app, &Method::GET, &requests::path(&row, &fixtures))).await;
        if !reply.header("content-type").starts_with("text/html") {
            continue;
        }
        pages += 1;
        let policy = reply.header("content-security-policy");
        let (_, rest) = policy.split_once("'nonce-").unwrap_or_else(|| panic!("{}: {policy}", row.name()));
        let nonce = rest.split('\'').next().unwrap();
        assert!(nonce.len() >= 16, "{nonce}");
        nonces.insert(nonce.to_owned());
        for script in reply.text.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "{}: <script{tag}>", row.name());
        }
        for handler in
            [" onclick=", " onload=", " onerror=", " onsubmit=", " style=\"", "<style", "javascript:"]
        {
            assert!(!reply.text.contains(handler), "{}: {handler}", row.name());
        }
    }
    assert!(pages > 30 && nonces.len() == pages, "{pages} pages, {} nonces", nonces.len());
}
