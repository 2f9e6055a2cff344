//! How many requests a token may make, so many a second and twice as many at once; and how many may come
//! from one address.

use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Answer, Desk, JSON_API, Machine, within};

const PATH: &str = "/v1/workspaces";

/// A desk where a token makes two requests a second, and four at once.
struct Limited {
    desk: Desk,
}

impl Limited {
    async fn start(pool: PgPool) -> Self {
        Self { desk: Desk::limited(pool, 2).await }
    }

    async fn token(&self) -> String {
        self.desk.machine(&["write"]).await.token().to_owned()
    }

    async fn get(&self, token: &str, path: &str) -> Answer {
        self.desk.holder_of(token).get(path).await
    }

    async fn make(&self, token: &str, key: &str) -> Answer {
        let body = json!({ "data": { "type": "workspace", "attributes": { "name": "Acme" } } });
        let request = self.desk.holder_of(token).request(Method::POST, PATH);
        let request = request.header("content-type", JSON_API).header("idempotency-key", key);
        Answer::read(request.body(body.to_string())).await
    }

    /// Five requests of a fresh token, sent within the half second after which one more is allowed. On a
    /// machine that was too busy for that it is tried again.
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
async fn twice_as_many_as_in_a_second_are_let_pass_at_once_and_told_what_is_left(pool: PgPool) {
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
            "detail": "This token makes more than 2 requests a second; try again in 1 s.",
            "meta": { "trace_id": trace }
        }]})
    );
}

#[database_test]
async fn a_token_has_its_own_limit_and_no_other_ones(pool: PgPool) {
    let limited = Limited::start(pool).await;
    let (one, other) = (limited.token().await, limited.token().await);
    let mut asked = 0;
    while limited.get(&one, PATH).await.status != 429 {
        asked += 1;
        assert!(asked < 100, "there is no limit");
    }
    let answer = limited.get(&other, PATH).await;
    assert_eq!((answer.status, answer.header("ratelimit")), (200, r#""token";r=3;t=1"#));
}

#[database_test]
async fn who_is_not_let_in_is_not_counted_and_whoever_is_refused_otherwise_is(pool: PgPool) {
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

/// Nothing was performed, so the key is still to be used.
#[database_test]
async fn a_refusal_for_the_rate_is_not_kept_under_an_idempotency_key(pool: PgPool) {
    let limited = Limited::start(pool.clone()).await;
    let token = limited.token().await;
    let mut made = 0;
    let key = loop {
        assert!(made < 100, "there is no limit");
        let key = format!("make-{made}");
        if limited.make(&token, &key).await.status == 429 {
            break key;
        }
        made += 1;
    };
    within(10, "a request is let pass again", async || {
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
    assert_eq!(count, made + 1);
}

#[database_test]
async fn without_a_limit_nothing_is_said_of_one(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let machine = desk.machine(&["read"]).await;
    for _ in 0..10 {
        let answer = machine.get(PATH).await;
        assert_eq!(answer.status, 200);
        assert_eq!((answer.header("ratelimit-policy"), answer.header("ratelimit")), ("", ""));
    }
}

/// Four times as many as in a second are let pass at once; what comes then is refused before it is looked at.
#[database_test]
async fn an_address_is_limited_whatever_it_asks_for_and_however_it_names_itself(pool: PgPool) {
    let desk = Desk::limited_by_address(pool, 1).await;
    let machine = desk.machine(&["read"]).await;
    let from = |machine: &Machine, path: &str, address: &str| {
        machine.request(Method::GET, path).header("x-forwarded-for", address)
    };
    let mut stranger = Vec::new();
    for _ in 0..5 {
        stranger.push(Answer::read(from(&desk.anonymous(), PATH, "192.0.2.7")).await);
    }
    assert_eq!(statuses(&stranger), [401, 401, 401, 401, 429]);
    let refused = &stranger[4];
    assert_eq!(refused.body["errors"][0]["code"], "RATE_LIMITED");
    assert_eq!(
        refused.body["errors"][0]["detail"],
        "This address makes more than 1 requests a second; try again in 1 s."
    );
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(refused.header("ratelimit-policy"), r#""address";q=4;w=4"#);
    assert!(refused.header("ratelimit").starts_with(r#""address";r=0;"#), "{refused:?}");

    assert_eq!(Answer::read(from(&machine, PATH, "192.0.2.7")).await.status, 429);
    assert_eq!(Answer::read(from(&machine, PATH, "192.0.2.8")).await.status, 200);
    for open in ["/readyz", "/docs", "/v1/openapi.json"] {
        assert_eq!(from(&desk.anonymous(), open, "192.0.2.7").send().await.unwrap().status(), 429, "{open}");
        assert_ne!(from(&desk.anonymous(), open, "192.0.2.9").send().await.unwrap().status(), 429, "{open}");
    }
    let page = from(&desk.anonymous(), "/login", "192.0.2.7").send().await.unwrap();
    assert_eq!(page.status(), 429);
    assert_eq!(page.headers()["retry-after"], "1");
    assert_eq!(page.headers()["ratelimit-policy"], r#""address";q=4;w=4"#);
    assert!(page.text().await.unwrap().contains("Too many requests"));
}
