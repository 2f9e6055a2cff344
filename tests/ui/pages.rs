//! Rules that hold for every page.

use futures::future::join_all;
use pretty_assertions::assert_eq;
use reqwest::Method;
use sqlx::PgPool;

use super::{client, get};
use crate::support::{TestApp, enroll, group, remove, time, workspace};

#[database_test]
async fn unknown_paths_are_404(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    for path in [
        "/nothing".to_owned(),
        "/groups/42".to_owned(),
        format!("/groups/{acme}"),
        "/enrollments/42/remove".to_owned(),
        format!("/enrollments/{acme}/remove"),
        "/groups/new/more".to_owned(),
        "/api/fn/nothing".to_owned(),
        "/../etc/passwd".to_owned(),
        "/pkg/nothing.js".to_owned(),
    ] {
        let page = support.open(&path).await;
        assert_eq!(page.status, 404, "{path}");
    }
    let page = support.open("/nothing").await;
    assert!(page.text().contains("There is no page at this address."), "{}", page.text());
    // A visitor without a session does not learn which addresses exist.
    assert_eq!(app.browser().open("/nothing").await.at, "/login?next=/nothing");
}

#[database_test]
async fn root_shows_the_overview(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    let page = support.open("/").await;
    assert_eq!((page.status, page.at.as_str()), (200, "/"));
    assert!(page.html.contains("<h1>Overview"), "{}", page.html);
}

/// Without JavaScript a placeholder would stay on the page.
#[database_test]
async fn two_hundred_concurrent_pages_are_complete(pool: PgPool) {
    let group = group(&pool, "EMEA").await;
    let acme = workspace(&pool, "Acme SAS").await;
    let first = enroll(&pool, &group, &acme, time("2026-05-01T00:00:00Z")).await;
    remove(&pool, &first, time("2026-05-02T00:00:00Z")).await;
    let live = enroll(&pool, &group, &acme, time("2026-05-03T00:00:00Z")).await;
    let app = TestApp::with_large_pool(&pool).await;
    let admin = app.admin().await;
    let kinds = [
        ("/groups".to_owned(), "EMEA 1 no one"),
        (format!("/groups/{group}"), "Acme SAS acme-sas"),
        (format!("/groups/{group}?tab=removed"), "Acme SAS acme-sas"),
        (format!("/enrollments/{live}/remove"), "Remove Acme SAS from EMEA?"),
    ];
    // In ten waves: more pages than the pool has connections, and no wave takes so long that a page times
    // out.
    for _ in 0..10 {
        let wave = (0..20).map(|number| admin.open(&kinds[number % 4].0));
        for (number, page) in join_all(wave).await.into_iter().enumerate() {
            let (path, shows) = &kinds[number % 4];
            assert_eq!((page.status, &page.at), (200, path));
            let text = page.text();
            assert!(text.contains(shows), "{path}: {text}");
            assert!(!text.contains("Loading"), "{path}: {text}");
            assert!(page.html.contains("</html>"), "{path}");
            assert!(page.html.contains(" · groupdesk</title>"), "{path} has no title: {}", page.html);
        }
    }
    app.close().await;
}

#[database_test]
async fn health_is_public(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let health = client().get(app.url("/healthz")).send().await.unwrap();
    assert_eq!((health.status().as_u16(), health.text().await.unwrap().as_str()), (200, "ok\n"));
}

#[database_test(empty)]
async fn readiness_requires_migrations_and_database(pool: PgPool) {
    let app = TestApp::with_large_pool(&pool).await;
    assert_eq!(get(&app, "/readyz", "").await.status, 503);
    groupdesk::platform::db::migrate::run(&pool.connect_options()).await.unwrap();
    let ready = get(&app, "/readyz", "").await;
    assert_eq!((ready.status, ready.text.as_str()), (200, "ready\n"));
    app.close().await;
    assert_eq!(get(&app, "/readyz", "").await.status, 503);
}

/// The outage is neither a hang nor an internal error, and the same request succeeds once the database is
/// back.
#[database_test]
async fn unavailable_database_is_reported_everywhere(pool: PgPool) {
    let app = TestApp::with_large_pool(&pool).await;
    let api = app.api_client(&["read"]).await;
    let admin = app.admin().await;
    app.close().await;

    let answer = api.get("/v1/workspaces").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.errors()[0].1, "UNAVAILABLE");
    assert_eq!(answer.header("retry-after"), "1");
    let page = admin.open("/groups").await;
    assert_eq!(page.status, 503);
    assert!(page.text().contains("The desk is temporarily unavailable"), "{}", page.text());

    // The address of a form action shows nothing by itself, so the page links back to the form.
    let sent = admin.http.post(app.url("/api/fn/group-create")).form(&[("name", "EMEA")]);
    let sent = sent.header("accept", "text/html").header("sec-fetch-site", "same-origin");
    let answer = sent.header("referer", app.url("/groups/new?name=a&b=c")).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    let page = answer.text().await.unwrap();
    assert!(page.contains("Your change was not confirmed"), "{page}");
    assert!(page.contains("href=\"/groups/new?name=a&amp;b=c\">Back to the form</a>"), "{page}");
}

/// The session is known, but the content of the page cannot be read.
#[database_test]
async fn partial_pages_send_retry_after(pool: PgPool) {
    let app = TestApp::with_short_lock_timeout(pool.clone()).await;
    let admin = app.admin().await;
    let mut others = pool.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE core_api.workspace_groups IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *others)
        .await
        .unwrap();
    let answer = admin.http.get(app.url("/groups")).header("accept", "text/html").send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "2");
    assert!(answer.text().await.unwrap().contains("Ana Lima"));
    others.rollback().await.unwrap();
    let answer = admin.http.get(app.url("/groups")).header("accept", "text/html").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(!answer.headers().contains_key("retry-after"));
}

#[database_test]
async fn hsts_is_sent_over_tls_only(pool: PgPool) {
    let (plain, secure) = (TestApp::start(pool.clone()).await, TestApp::behind_tls(pool).await);
    for path in ["/login", "/", "/nowhere", "/healthz", "/v1/workspaces", "/v1/openapi.json", "/docs"] {
        let header = async |app: &TestApp| {
            let answer = app.anonymous().request(Method::GET, path).send().await.unwrap();
            answer.headers().get("strict-transport-security").map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(header(&secure).await.as_deref(), Some("max-age=63072000"), "{path}");
        assert_eq!(header(&plain).await, None, "{path}");
    }
}

/// A browser applies HSTS to all ports of a host.
#[database_test]
async fn hsts_is_not_sent_from_unusual_ports(pool: PgPool) {
    let usual = TestApp::behind_tls_as(pool.clone(), "https://desk.example.com:443").await;
    let other = TestApp::behind_tls_as(pool, "https://desk.example.com:8443").await;
    for (app, is_sent) in [(usual, true), (other, false)] {
        let answer = app.anonymous().request(Method::GET, "/login").send().await.unwrap();
        assert_eq!(answer.headers().contains_key("strict-transport-security"), is_sent);
    }
}
