//! Rate limits: a token may make a number of requests a second, with bursts of twice as many, and an
//! address has a limit, too.

use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Answer, ApiClient, JSON_API, TestApp, wait_until};

const PATH: &str = "/v1/workspaces";

/// A server where a token may make two requests a second, with bursts of four.
struct Limited {
    app: TestApp,
}

impl Limited {
    async fn start(pool: PgPool) -> Self {
        Self { app: TestApp::limited(pool, 2).await }
    }

    async fn token(&self) -> String {
        self.app.api_client(&["write"]).await.token().to_owned()
    }

    async fn get(&self, token: &str, path: &str) -> Answer {
        self.app.with_token(token).get(path).await
    }

    async fn make(&self, token: &str, key: &str) -> Answer {
        let body = json!({ "data": { "type": "workspace", "attributes": { "name": "Acme" } } });
        let request = self.app.with_token(token).request(Method::POST, PATH);
        let request = request.header("content-type", JSON_API).header("idempotency-key", key);
        Answer::read(request.body(body.to_string())).await
    }

    /// Sends five requests of a fresh token within the half second before another one is allowed. If the
    /// machine is too busy for that, it tries again.
    async fn five(&self, path: &str) -> Vec<Answer> {
        for _ in 0..20 {
            let token = self.token().await;
            let began = Instant::now();
            let mut answers = Vec::new();
            for _ in 0..5 {
                answers.push(self.get(&token, path).await);
            }
            if began.elapsed() < Duration::from_millis(500) {
                return answers;
            }
        }
        panic!("five requests take longer than half a second");
    }
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    answers.iter().map(|answer| answer.status).collect()
}

#[database_test]
async fn burst_is_twice_the_rate_and_headers_show_the_rest(pool: PgPool) {
    let limited = Limited::start(pool).await;
    let answers = limited.five(PATH).await;
    assert_eq!(statuses(&answers), [200, 200, 200, 200, 429]);
    let left: Vec<&str> = answers.iter().map(|answer| answer.header("ratelimit")).collect();
    assert_eq!(
        left,
        [
            r#""token";r=3;t=1"#,
            r#""token";r=2;t=1"#,
            r#""token";r=1;t=2"#,
            r#""token";r=0;t=2"#,
            r#""token";r=0;t=2"#
        ]
    );
    for answer in &answers {
        assert_eq!(answer.header("ratelimit-policy"), r#""token";q=4;w=2"#);
    }
    let wait: Vec<&str> = answers.iter().map(|answer| answer.header("retry-after")).collect();
    assert_eq!(wait, ["", "", "", "", "1"]);

    let refused = &answers[4];
    let trace = refused.header("x-request-id");
    assert_eq!(refused.header("content-type"), JSON_API);
    assert_eq!(
        refused.body,
        json!({ "errors": [{
            "id": format!("{trace}-1"),
            "status": "429",
            "code": "RATE_LIMITED",
            "title": "Rate limited",
            "detail": "This token exceeds 2 requests per second; retry in 1 s.",
            "meta": { "trace_id": trace }
        }]})
    );
}

#[database_test]
async fn each_token_has_its_own_limit(pool: PgPool) {
    let limited = Limited::start(pool).await;
    let (one, other) = (limited.token().await, limited.token().await);
    let mut requests = 0;
    while limited.get(&one, PATH).await.status != 429 {
        requests += 1;
        assert!(requests < 100, "the limit is never reached");
    }
    let answer = limited.get(&other, PATH).await;
    assert_eq!((answer.status, answer.header("ratelimit")), (200, r#""token";r=3;t=1"#));
}

#[database_test]
async fn only_authenticated_requests_are_counted(pool: PgPool) {
    let limited = Limited::start(pool).await;
    let token = limited.token().await;
    for wrong in ["x", &format!("{token}x"), &token[..token.len() - 1]] {
        for _ in 0..5 {
            let answer = limited.get(wrong, PATH).await;
            assert_eq!((answer.status, answer.header("ratelimit")), (401, ""));
        }
    }
    let answer = limited.get(&token, PATH).await;
    assert_eq!((answer.status, answer.header("ratelimit")), (200, r#""token";r=3;t=1"#));

    assert_eq!(statuses(&limited.five("/v1/nothing").await), [404, 404, 404, 404, 429]);
    assert_eq!(statuses(&limited.five("/v1/workspaces?limit=1").await), [400, 400, 400, 400, 429]);
}

/// Nothing was performed, so the key can still be used.
#[database_test]
async fn rate_limit_refusals_are_not_stored_under_a_key(pool: PgPool) {
    let limited = Limited::start(pool.clone()).await;
    let token = limited.token().await;
    let mut created = 0;
    let key = loop {
        assert!(created < 100, "the limit is never reached");
        let key = format!("make-{created}");
        if limited.make(&token, &key).await.status == 429 {
            break key;
        }
        created += 1;
    };
    wait_until(10, "a request is accepted again", async || {
        let answer = limited.make(&token, &key).await;
        if answer.status == 429 {
            return false;
        }
        assert_eq!((answer.status, answer.header("idempotency-replayed")), (201, ""));
        true
    })
    .await;
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM core_api.workspaces").fetch_one(&pool).await.unwrap();
    assert_eq!(count, created + 1);
}

#[database_test]
async fn without_a_limit_there_are_no_limit_headers(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for _ in 0..10 {
        let answer = api.get(PATH).await;
        assert_eq!(answer.status, 200);
        assert_eq!((answer.header("ratelimit-policy"), answer.header("ratelimit")), ("", ""));
    }
}

/// An address has bursts of four times the limit. Further requests are refused before anything else is
/// checked.
#[database_test]
async fn address_limit_covers_all_paths_and_tokens(pool: PgPool) {
    let app = TestApp::limited_by_address(pool, 1).await;
    let api = app.api_client(&["read"]).await;
    let from = |api: &ApiClient, path: &str, address: &str| {
        api.request(Method::GET, path).header("x-forwarded-for", address)
    };
    let mut anonymous = Vec::new();
    for _ in 0..5 {
        anonymous.push(Answer::read(from(&app.anonymous(), PATH, "192.0.2.7")).await);
    }
    assert_eq!(statuses(&anonymous), [401, 401, 401, 401, 429]);
    let refused = &anonymous[4];
    assert_eq!(refused.body["errors"][0]["code"], "RATE_LIMITED");
    assert_eq!(
        refused.body["errors"][0]["detail"],
        "This address exceeds 1 requests per second; retry in 1 s."
    );
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.header("ratelimit-policy"), r#""address";q=4;w=4"#);
    assert!(refused.header("ratelimit").starts_with(r#""address";r=0;"#), "{refused:?}");

    assert_eq!(Answer::read(from(&api, PATH, "192.0.2.7")).await.status, 429);
    assert_eq!(Answer::read(from(&api, PATH, "192.0.2.8")).await.status, 200);
    for open in ["/readyz", "/docs", "/v1/openapi.json"] {
        assert_eq!(from(&app.anonymous(), open, "192.0.2.7").send().await.unwrap().status(), 429, "{open}");
        assert_ne!(from(&app.anonymous(), open, "192.0.2.9").send().await.unwrap().status(), 429, "{open}");
    }
    let page = from(&app.anonymous(), "/login", "192.0.2.7").send().await.unwrap();
    assert_eq!(page.status(), 429);
    assert_eq!(page.headers()["retry-after"], "1");
    assert_eq!(page.headers()["ratelimit-policy"], r#""address";q=4;w=4"#);
    assert!(page.text().await.unwrap().contains("Too many requests"));
}
