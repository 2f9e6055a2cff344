//! What every answer says to a browser, so that it does not do more with it than it should.

use groupdesk::ui::paths::API_DOCS;
use reqwest::Method;
use sqlx::PgPool;

use super::access::{API, CHANGING, OPEN, PAGES, READING, rows};
use super::callers;
use super::things::Things;
use super::{deeds, forms};
use crate::support::{Desk, Reply};

fn directives(policy: &str) -> Vec<&str> {
    policy.split(';').map(str::trim).collect()
}

/// The policy keeps other sites from framing it, scripts that are not the page's from running, and forms
/// and links from leading elsewhere by a changed base.
fn policy_holds(reply: &Reply, told: &str) {
    let policy = reply.header("content-security-policy");
    let directives = directives(policy);
    for wanted in ["frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(directives.contains(&wanted), "{told}: {policy}");
    }
    let sources = |name: &str| {
        let found = directives.iter().find_map(|directive| directive.strip_prefix(name)?.strip_prefix(' '));
        found.unwrap_or_default().to_owned()
    };
    let own = ["'self'".to_owned(), "'none'".to_owned()];
    assert!(
        own.contains(&sources("default-src")) && own.contains(&sources("form-action")),
        "{told}: {policy}"
    );
    let is_bare = sources("default-src") == "'none'";
    assert!(is_bare || sources("object-src") == "'none'", "{told}: {policy}");
    assert!(is_bare || sources("style-src") == "'self'", "{told}: {policy}");
    // Only a developer's page connects elsewhere, to the process that loads it again.
    assert_eq!(sources("connect-src"), "", "{told}: {policy}");
    for loose in ["unsafe-inline", "'unsafe-eval'", "*", "http:", "https:", "data:", "blob:", "ws:"] {
        assert!(!policy.contains(loose), "{told}: {policy}");
    }
}

fn holds(reply: &Reply, is_private: bool, told: &str) {
    assert_eq!(reply.header("x-content-type-options"), "nosniff", "{told}");
    assert_eq!(reply.header("x-request-id").len(), 32, "{told}");
    let referrer = reply.header("referrer-policy");
    assert_eq!(referrer, "same-origin", "{told}");
    for power in ["camera=()", "geolocation=()", "microphone=()", "payment=()", "usb=()"] {
        assert!(reply.header("permissions-policy").contains(power), "{told}");
    }
    assert_eq!(reply.header("cross-origin-opener-policy"), "same-origin", "{told}");
    if is_private {
        let caching = reply.header("cache-control");
        assert!(
            ["no-store", "no-cache"].contains(&caching) || caching.contains("private"),
            "{told}: {caching}"
        );
    }
    // It is said of no answer what it was made with.
    for name in ["server", "x-powered-by"] {
        assert_eq!(reply.header(name), "", "{told}");
    }
    // A site elsewhere reads none of it.
    assert_eq!(reply.header("access-control-allow-origin"), "", "{told}");
}

#[database_test]
async fn every_answer_is_for_this_site_alone(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let (pages, machines) = (callers::of_the_pages(&desk).await, callers::of_the_api(&desk).await);
    let things = Things::make(&pool).await;
    for section in [API, PAGES, OPEN] {
        let all = if section == API { &machines } else { &pages };
        for row in rows(section) {
            if row.path.starts_with("/api/fn/") {
                continue;
            }
            for caller in [all.first().unwrap(), all.last().unwrap()] {
                let request =
                    deeds::request(&desk, caller, &row, &things).header("origin", "https://evil.example");
                let request = request.header("accept-encoding", "identity");
                let reply = Reply::read(request).await;
                let told = format!("{} as {}, {}", row.name(), caller.name, reply.status);
                holds(&reply, section != OPEN, &told);
                if section == PAGES {
                    assert_eq!(reply.header("cache-control"), "no-store", "{told}");
                }
                if section == PAGES || reply.header("content-type").starts_with("text/html") {
                    policy_holds(&reply, &told);
                }
            }
        }
    }
}

#[database_test]
async fn so_is_every_answer_of_a_server_function(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let callers = callers::of_the_pages(&desk).await;
    let things = Things::make(&pool).await;
    for row in [READING, CHANGING, OPEN].into_iter().flat_map(rows) {
        if !row.path.starts_with("/api/fn/") {
            continue;
        }
        let fields = if row.path.ends_with("-read") {
            forms::reading(row.function(), &things)
        } else {
            forms::changing(&pool, row.function(), &things, "").await
        };
        for caller in [callers.first().unwrap(), callers.last().unwrap()] {
            for site in ["same-origin", "cross-site"] {
                let request = caller.ask(&desk, &Method::POST, &row.path).header("sec-fetch-site", site);
                let reply = Reply::read(request.header("accept", "text/html").form(&fields)).await;
                let told = format!("{} as {} from {site}, {}", row.name(), caller.name, reply.status);
                holds(&reply, true, &told);
                assert_eq!(reply.header("cache-control"), "no-store", "{told}");
                policy_holds(&reply, &told);
            }
            caller.sign_in(&desk).await;
        }
    }
}

/// The scripts of a page carry its nonce, which is another on every page; nothing else of it runs.
#[database_test]
async fn a_page_runs_the_scripts_alone_that_carry_its_nonce(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let callers = callers::of_the_pages(&desk).await;
    let things = Things::make(&pool).await;
    let admin = callers.last().unwrap();
    let mut nonces = std::collections::BTreeSet::new();
    let mut pages = 0;
    for row in [PAGES, OPEN].into_iter().flat_map(rows) {
        if row.method != Method::GET || row.path == API_DOCS {
            continue;
        }
        let reply = Reply::read(admin.ask(&desk, &Method::GET, &deeds::path(&row, &things))).await;
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
