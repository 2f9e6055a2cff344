//! Changes are accepted only from our own pages.

use pretty_assertions::assert_eq;
use reqwest::Method;
use sqlx::PgPool;

use super::access::{API, CHANGING, OPEN, PAGES, READING, rows};
use super::callers;
use super::fixtures::Fixtures;
use super::state::State;
use super::{forms, requests};
use crate::support::{PASSWORD, Reply, TestApp, client, get, operator, post};

async fn group_count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM core_api.workspace_groups").fetch_one(pool).await.unwrap()
}

#[database_test]
async fn forms_of_other_origins_are_403_and_change_nothing(pool: PgPool) {
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let app = TestApp::start(pool.clone()).await;
    let fields = [("email", "ana@example.com"), ("password", PASSWORD)];
    let cookie = post(&app, "sign-in", "", &fields).await.cookie();
    let host = app.url("").trim_start_matches("http://").to_owned();

    let send = async |headers: &[(&str, &str)]| {
        let mut request = client()
            .post(app.url("/api/fn/group-create"))
            .header("accept", "text/html")
            .header("cookie", &cookie)
            .form(&[("name", "EMEA")]);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Reply::read(request).await
    };
    let other = format!("http://{host}.evil.example");
    for headers in [
        vec![],
        vec![("sec-fetch-site", "cross-site")],
        vec![("sec-fetch-site", "same-site")],
        vec![("sec-fetch-site", "none")],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
        vec![("origin", other.as_str())],
        // `Sec-Fetch-Site` has priority over `Origin`.
        vec![("sec-fetch-site", "cross-site"), ("origin", app.url("").leak())],
        vec![("referer", app.url("/groups/new").leak())],
    ] {
        let reply = send(&headers).await;
        assert_eq!(reply.status, 403, "{headers:?}");
    }
    assert_eq!(group_count(&pool).await, 0);

    for headers in [vec![("sec-fetch-site", "same-origin")], vec![("origin", app.url("").leak() as &str)]] {
        assert_eq!(send(&headers).await.status, 302, "{headers:?}");
    }
    assert_eq!(group_count(&pool).await, 2);
}

#[database_test]
async fn cross_site_sign_in_and_sign_out_are_refused(pool: PgPool) {
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let app = TestApp::start(pool.clone()).await;
    let fields = [("email", "ana@example.com"), ("password", PASSWORD)];
    let request =
        client().post(app.url("/api/fn/sign-in")).header("sec-fetch-site", "cross-site").form(&fields);
    let reply = Reply::read(request).await;
    assert_eq!((reply.status, reply.cookie_line()), (403, None));

    let cookie = post(&app, "sign-in", "", &fields).await.cookie();
    let request = client()
        .post(app.url("/api/fn/sign-out"))
        .header("sec-fetch-site", "cross-site")
        .header("cookie", &cookie);
    assert_eq!(Reply::read(request).await.status, 403);
    assert_eq!(get(&app, "/groups", &cookie).await.status, 200);
}

/// All functions, with valid fields and an allowed caller.
#[database_test]
async fn cross_site_requests_change_nothing(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let admin = callers.last().unwrap();
    let fixtures = Fixtures::make(&pool).await;
    let own = app.url("");
    let elsewhere: [&[(&str, &str)]; 6] = [
        &[],
        &[("sec-fetch-site", "cross-site"), ("origin", &own)],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "none")],
        &[("origin", "null")],
        &[("origin", "https://evil.example"), ("referer", &own)],
    ];
    let mut attempts = 0;
    for row in [PAGES, READING, CHANGING, OPEN].into_iter().flat_map(rows) {
        if row.method == Method::GET {
            continue;
        }
        let fields = if !row.path.starts_with("/api/fn/") {
            Vec::new()
        } else if row.path.ends_with("-read") {
            forms::read_fields(row.function(), &fixtures)
        } else {
            forms::change_fields(&pool, row.function(), &fixtures, admin.email()).await
        };
        let before = State::of(&pool).await;
        for headers in elsewhere {
            let mut request = admin.ask(&app, &row.method, &requests::path(&row, &fixtures)).form(&fields);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let reply = Reply::read(request).await;
            assert_eq!(reply.status, 403, "{} {headers:?}", row.name());
            assert_eq!(reply.cookie_line(), None, "{} {headers:?}", row.name());
            attempts += 1;
        }
        let after = State::of(&pool).await;
        assert_eq!(after.changed_since(&before), Vec::<&str>::new(), "{}", row.name());
    }
    assert!(attempts > 200, "{attempts}");
    assert_eq!(Reply::read(admin.ask(&app, &Method::GET, "/groups")).await.status, 200);
}

async fn session_count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM groupdesk.sessions").fetch_one(pool).await.unwrap()
}

/// Links and images on other sites make browsers send GET requests with cookies, and so do prefetchers and
/// virus scanners.
#[database_test]
async fn get_requests_change_nothing(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let (pages, machines) = (callers::page_callers(&app).await, callers::api_callers(&app).await);
    let fixtures = Fixtures::make(&pool).await;
    let sessions = session_count(&pool).await;
    for section in [API, PAGES, READING, CHANGING, OPEN] {
        let caller = if section == API { machines.last() } else { pages.last() }.unwrap();
        for row in rows(section) {
            let path = requests::path(&row, &fixtures);
            let is_function = path.starts_with("/api/fn/");
            if row.method != Method::GET && !is_function {
                continue;
            }
            // A server function with valid fields, requested by GET.
            let fields = if is_function && !path.ends_with("-read") {
                forms::change_fields(&pool, row.function(), &fixtures, "").await
            } else {
                Vec::new()
            };
            let before = State::of(&pool).await;
            for method in [Method::GET, Method::HEAD] {
                let reply = Reply::read(caller.ask(&app, &method, &path).query(&fields)).await;
                assert!(reply.status < 500 || path == "/readyz", "{method} {path}: {reply:?}");
                assert!(!is_function || reply.status >= 400, "{method} {path}: {reply:?}");
            }
            let after = State::of(&pool).await;
            assert_eq!(after.changed_since(&before), Vec::<&str>::new(), "{path}");
            assert_eq!(session_count(&pool).await, sessions, "{path}");
        }
    }
    let admin = pages.last().unwrap();
    assert_eq!(Reply::read(admin.ask(&app, &Method::GET, "/groups")).await.status, 200);
}
