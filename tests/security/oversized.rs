//! Oversized requests are refused as errors of the caller, and the server continues.

use std::time::Duration;

use groupdesk::ui::paths;
use pretty_assertions::assert_eq;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use sqlx::PgPool;

use super::callers;
use super::fixtures::Fixtures;
use super::smuggling::exchange;
use super::state::State;
use crate::support::{JSON_API, Reply, TestApp, client, get, post};

/// The concatenated texts of these numbers.
fn concatenated(count: u32, each: impl Fn(u32) -> String) -> String {
    (0..count).map(each).collect()
}

async fn assert_alive(app: &TestApp) {
    assert_eq!(Reply::read(client().get(app.url("/healthz"))).await.status, 200);
}

/// Asserts a refusal, or the end of the connection while the request was still being sent.
async fn assert_refused(request: reqwest::RequestBuilder, statuses: &[u16], context: &str) {
    match request.send().await {
        Ok(answer) => assert!(statuses.contains(&answer.status().as_u16()), "{context}: {}", answer.status()),
        Err(error) => assert!(error.is_request() || error.is_body(), "{context}: {error}"),
    }
}

#[database_test]
async fn oversized_headers_are_refused(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for path in ["/v1/workspaces", "/groups", "/healthz"] {
        let mut many = api.request(Method::GET, path);
        for number in 0..500 {
            many = many.header(format!("x-many-{number}"), "x");
        }
        assert_refused(many, &[431], path).await;
        let long = api.request(Method::GET, path).header("x-long", "x".repeat(1 << 20));
        assert_refused(long, &[431], path).await;
        let address = format!("{path}?{}", "x".repeat(60_000));
        assert_refused(api.request(Method::GET, &address), &[414, 431], path).await;
    }
    assert_alive(&app).await;
}

#[database_test]
async fn oversized_cookies_are_ignored(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for cookie in [
        app.cookie("groupdesk_session", &"A".repeat(20_000)),
        app.cookie("groupdesk_session", &"\"\\;,".repeat(4_000)),
        app.cookie("groupdesk_session", "x; ").repeat(700),
        app.cookie("groupdesk_device", &"A.".repeat(10_000)),
        "=;=;;; ;".repeat(2_500),
    ] {
        let request = client().get(app.url("/groups")).header("cookie", &cookie);
        assert_eq!(Reply::read(request).await.status, 303, "{}", &cookie[..40]);
        let request = client().get(app.url("/login")).header("cookie", &cookie);
        assert_eq!(Reply::read(request).await.status, 200, "{}", &cookie[..40]);
    }
}

#[database_test]
async fn thousands_of_parameters_are_handled(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let (admin, fixtures) = (callers.last().unwrap(), Fixtures::make(&pool).await);
    let api = app.api_client(&["read", "write"]).await;
    let query = concatenated(2_500, |number| format!("&p{number}=1"));
    let answer = api.get(&format!("/v1/workspaces?{}", &query[1..])).await;
    assert_eq!((answer.status, answer.errors().len()), (400, 20));
    let ids: Vec<String> =
        (0..600_u32).map(|number| format!("00000000-0000-4000-8000-{number:012}")).collect();
    let answer = api.get(&format!("/v1/workspaces?filter[q]={}", "a".repeat(20_000))).await;
    assert!([200, 400].contains(&answer.status));
    let answer =
        api.get(&format!("/v1/workspace-group-workspaces?filter[workspace]={}", ids.join(","))).await;
    assert!([200, 400].contains(&answer.status));

    for path in ["/groups", "/audit", "/workspaces", "/audit/go"] {
        let reply = Reply::read(admin.ask(&app, &Method::GET, &format!("{path}?q=a{query}"))).await;
        assert!([200, 303].contains(&reply.status), "{path}: {}", reply.status);
    }
    let ticked = format!("&e={}", ids.join("&e="));
    let path = format!("/groups/{}/removals?{}", fixtures.group, &ticked[1..]);
    let reply = Reply::read(admin.ask(&app, &Method::GET, &path)).await;
    assert!(reply.status < 500, "{}", reply.status);
    let topics = "&topic=groups".repeat(1_500);
    let reply = Reply::read(admin.ask(&app, &Method::GET, &format!("/live?{}", &topics[1..]))).await;
    assert_eq!(reply.status, 400);

    let fields = concatenated(60_000, |number| format!("enrollments[{number}]=x&"));
    for function in ["group-create", "enrollments-remove", "search-read", "sign-in"] {
        let request = admin
            .ask(&app, &Method::POST, &format!("{}/{function}", paths::FUNCTIONS))
            .header("sec-fetch-site", "same-origin")
            .header("accept", "text/html")
            .header("content-type", "application/x-www-form-urlencoded");
        let reply = Reply::read(request.body(fields[..1_000_000].to_owned())).await;
        assert!(reply.status < 500, "{function}: {reply:?}");
    }
    assert_alive(&app).await;
}

#[database_test]
async fn announced_bodies_over_one_mebibyte_are_refused(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let admin = callers.last().unwrap();
    let api = app.api_client(&["write"]).await;
    let large = "name=".to_owned() + &"x".repeat((1 << 20) + 1);
    let before = State::of(&pool).await;
    for function in ["group-create", "search-read", "sign-in", "preferences-set"] {
        let request = admin
            .ask(&app, &Method::POST, &format!("{}/{function}", paths::FUNCTIONS))
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded");
        assert_refused(request.body(large.clone()), &[413], function).await;
    }
    for path in ["/v1/workspaces", "/v1/operations", "/v1/people"] {
        let request = api.request(Method::POST, path).header("content-type", JSON_API);
        assert_refused(request.body(large.clone()), &[413, 415], path).await;
    }
    assert_eq!(State::of(&pool).await.changed_since(&before), Vec::<&str>::new());
    assert_alive(&app).await;
}

/// The sender does not announce the length.
#[database_test]
async fn chunked_bodies_over_one_mebibyte_are_refused(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let token = app.api_client(&["write"]).await.token().to_owned();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let body = format!("5\r\nname=\r\n{}0\r\n\r\n", chunk.repeat(17));
    let before = State::of(&pool).await;
    let form = "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin";
    let document = format!("Content-Type: {JSON_API}\r\nAuthorization: Bearer {token}");
    for (path, headers, statuses) in [
        ("/api/fn/search-read", form, ["400", "413"]),
        ("/api/fn/sign-in", form, ["400", "413"]),
        ("/v1/workspaces", &document, ["413", "413"]),
    ] {
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: desk\r\n{headers}\r\nTransfer-Encoding: chunked\r\n\r\n");
        let answer = exchange(&app, format!("{head}{body}").as_bytes()).await;
        let status = answer.split(' ').nth(1).unwrap_or("reset");
        assert!(statuses.contains(&status) || status == "reset", "{path}: {answer}");
    }
    assert_eq!(State::of(&pool).await.changed_since(&before), Vec::<&str>::new());
    assert_alive(&app).await;
}

/// Names of multipart fields are limited, too.
#[database_test]
async fn oversized_multipart_names_are_refused(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let fixtures = Fixtures::make(&pool).await;
    let path = format!("/groups/{}/bulk", fixtures.group);
    let before = State::of(&pool).await;
    let (long, list) = ("x".repeat(4 << 20), "x\n".repeat(15 << 20));
    for caller in &callers[callers.len() - 2..] {
        let forms: [(&str, Form); 4] = [
            ("the name of a field", Form::new().text(long.clone(), "x")),
            ("the name of a file", Form::new().part("file", Part::text("").file_name(long.clone()))),
            ("a list", Form::new().part("file", Part::text(list.clone()).file_name("a.csv"))),
            ("fields", (0..5_000).fold(Form::new(), |form, number| form.text(format!("f{number}"), "x"))),
        ];
        for (what, form) in forms {
            let request = caller.ask(&app, &Method::POST, &path).header("sec-fetch-site", "same-origin");
            let reply = tokio::time::timeout(Duration::from_mins(1), Reply::read(request.multipart(form)));
            let reply = reply.await.expect("a response");
            let context = format!("{what} as {}: {} {}", caller.name, reply.status, reply.header("location"));
            assert!(reply.status == 303 && reply.header("location") == path, "{context}");
            let page = Reply::read(caller.ask(&app, &Method::GET, &path)).await;
            assert!(page.status == 200 && page.text.contains("message--error"), "{context}");
        }
    }
    assert_eq!(State::of(&pool).await.changed_since(&before), Vec::<&str>::new());
    assert_alive(&app).await;
}

/// Deep, long and wide documents cost no more than reading them.
#[database_test]
async fn deep_and_wide_documents_are_refused_cheaply(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let before = State::of(&pool).await;
    let wide: Vec<String> = (0..60_000).map(|number| format!("\"m{number}\":1")).collect();
    for body in [
        "[".repeat(500_000),
        "{\"data\":".repeat(100_000),
        format!("{{\"data\":{{\"type\":\"workspace\",\"attributes\":{{{}}}}}}}", wide.join(",")),
        format!(
            "{{\"data\":{{\"type\":\"workspace\",\"attributes\":{{\"name\":\"{}\"}}}}}}",
            "n".repeat(900_000)
        ),
        format!(
            "{{\"data\":{{\"type\":\"workspace\",\"attributes\":{{\"name\":{}}}}}}}",
            "9".repeat(900_000)
        ),
        format!(
            "{{\"data\":{{\"type\":\"workspace\",\"attributes\":{{\"name\":1e{}}}}}}}",
            "9".repeat(1_000)
        ),
        "\"\\ud800".repeat(100_000),
    ] {
        for path in ["/v1/workspaces", "/v1/workspace-groups"] {
            let request = api.request(Method::POST, path).header("content-type", JSON_API);
            let reply = Reply::read(request.body(body.clone())).await;
            let context = body.chars().take(60).collect::<String>();
            assert!([400, 409, 422].contains(&reply.status), "{context}: {}", reply.status);
            assert!(reply.text.len() < 100_000, "{context}: {} bytes", reply.text.len());
        }
    }
    assert_eq!(State::of(&pool).await.changed_since(&before), Vec::<&str>::new());
}

/// Each request without a cookie creates a session, and anyone can send many.
#[database_test]
async fn anonymous_sessions_are_small_and_short_lived(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let long = "x".repeat(900_000);
    for (function, fields) in [
        ("sign-in", vec![("email", long.as_str()), ("password", "x")]),
        ("sign-in", vec![("email", "x"), ("password", "x"), ("next", &long)]),
        ("invitation-accept", vec![("secret", &long), ("password", "x")]),
        ("group-create", vec![("name", &long)]),
        ("enrollment-remove", vec![("enrollment", "x"), ("form_at", &long)]),
    ] {
        for cookie in [String::new(), app.cookie("groupdesk_device", "made.up")] {
            let reply = post(&app, function, &cookie, &fields).await;
            assert!(reply.status < 500, "{function}: {}", reply.status);
        }
    }
    let (sessions, longest, latest): (i64, i32, bool) = sqlx::query_as(
        "SELECT count(*), max(octet_length(data)), max(expiry_date) < now() + interval '16 minutes'
         FROM groupdesk.sessions",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(sessions > 5 && longest < 4096 && latest, "{sessions} of at most {longest} bytes, {latest}");
    // A short address is stored, so that it can be corrected.
    let reply = post(&app, "sign-in", "", &[("email", "ana@exmaple.com"), ("password", "x")]).await;
    let page = get(&app, "/login", &reply.cookie()).await;
    assert!(page.text.contains("ana@exmaple.com"), "{}", page.text);
}
