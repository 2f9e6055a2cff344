//! Authentication by bearer token.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Answer, ApiClient, TestApp, event_count, group, person, row_count, workspace};

const PATH: &str = "/v1/workspace-group-workspaces";

fn assert_unauthenticated(answer: &Answer) {
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    let trace = answer.header("x-request-id");
    assert_eq!(
        answer.body,
        json!({ "errors": [{
            "id": format!("{trace}-1"),
            "status": "401",
            "code": "UNAUTHORIZED",
            "title": "Unauthorized",
            "detail": "This request requires a valid token, sent as 'Authorization: Bearer <token>'.",
            "source": { "header": "Authorization" },
            "meta": { "trace_id": trace }
        }]})
    );
}

async fn execute(pool: &PgPool, statement: &str) {
    sqlx::raw_sql(statement).execute(pool).await.unwrap();
}

#[database_test]
async fn without_a_valid_token_nothing_is_revealed(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["read"]).await;
    let token = api.token().to_owned();
    assert_eq!(api.get(PATH).await.status, 200);

    assert_unauthenticated(&app.anonymous().get(PATH).await);
    // The response does not reveal whether a path or method exists, either.
    assert_unauthenticated(&app.anonymous().get("/v1/nothing").await);
    assert_unauthenticated(&app.anonymous().delete(PATH).await);
    for wrong in [
        "x",
        "groupdesk_",
        &token[..token.len() - 1],
        &format!("{token}x"),
        &token.to_uppercase(),
        token.trim_start_matches("groupdesk_"),
    ] {
        assert_unauthenticated(&app.with_token(wrong).get(PATH).await);
    }
    for header in [
        format!("Basic {token}"),
        format!("Bearer{token}"),
        token.clone(),
        "Bearer ".to_owned(),
        "Bearer".to_owned(),
    ] {
        let request = app.anonymous().request(Method::GET, PATH).header("authorization", header);
        assert_unauthenticated(&Answer::read(request).await);
    }
    // The scheme is case insensitive.
    let request =
        app.anonymous().request(Method::GET, PATH).header("authorization", format!("bEARER {token}"));
    assert_eq!(Answer::read(request).await.status, 200);
    let in_query = app.anonymous().get(&format!("{PATH}?access_token={token}")).await;
    assert_unauthenticated(&in_query);
}

#[database_test]
async fn expired_and_revoked_tokens_are_refused(pool: PgPool) {
    let app = TestApp::at(pool.clone(), "2026-05-28T09:15:00Z").await;
    let api = app.api_client(&["read", "write", "pipeline"]).await;
    for (change, works) in [
        ("expires_at = '2026-05-28T09:15:00.001Z'", true),
        ("expires_at = '2026-05-28T09:15:00.000Z'", false),
        ("expires_at = '2020-01-01Z'", false),
        ("expires_at = NULL", true),
        ("revoked_at = '2026-05-28T09:14:00Z'", false),
    ] {
        execute(&pool, &format!("UPDATE groupdesk.api_tokens SET {change}")).await;
        let answer = api.get(PATH).await;
        if works {
            assert_eq!(answer.status, 200, "{change}");
        } else {
            assert_unauthenticated(&answer);
        }
    }
}

/// The token must never become a system token, whose changes have no actor.
#[database_test]
async fn token_of_a_deleted_person_is_refused(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write", "pipeline"]).await;
    let api = app.api_client(&["write"]).await;
    assert_eq!(by_ana.get(PATH).await.status, 200);

    api.delete(&format!("/v1/people/{ana}")).await;

    assert_unauthenticated(&by_ana.get(PATH).await);
    assert_unauthenticated(&by_ana.enroll(&emea, &acme).await);
    // Another person with the same e-mail address does not reactivate it.
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    assert_unauthenticated(&by_ana.enroll(&emea, &acme).await);
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (0, 0));
}

#[database_test]
async fn token_is_stored_as_a_hash_with_its_last_use(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["read"]).await;
    let last_used = async || -> Option<String> {
        sqlx::query_scalar("SELECT last_used_at::text FROM groupdesk.api_tokens")
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    assert_eq!(last_used().await, None);
    api.get(PATH).await;
    // The request itself only reads.
    assert_eq!(last_used().await, None);
    app.write_last_uses().await;
    assert!(last_used().await.is_some());

    let stored: String =
        sqlx::query_scalar("SELECT t::text FROM groupdesk.api_tokens t").fetch_one(&pool).await.unwrap();
    let token = api.token();
    assert!(!stored.contains(&token[20..]), "{stored}");
    assert!(stored.contains(&token[..16]), "{stored}");
}

#[database_test]
async fn sessions_cannot_use_the_api_nor_tokens_the_pages(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.admin().await;
    let api = admin.http.get(app.url("/v1/workspace-groups")).header("sec-fetch-site", "same-origin");
    assert_unauthenticated(&Answer::read(api).await);

    let api: ApiClient = app.api_client(&["read", "write", "pipeline"]).await;
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = client.get(app.url("/groups")).bearer_auth(api.token()).send().await.unwrap();
    assert_eq!(page.status(), 303);
    assert_eq!(page.headers()["location"], "/login?next=/groups");
    let change = client
        .post(app.url("/api/fn/group-create"))
        .bearer_auth(api.token())
        .header("sec-fetch-site", "same-origin")
        .header("accept", "text/html")
        .form(&[("name", "EMEA")])
        .send()
        .await
        .unwrap();
    assert!(change.headers()["location"].to_str().unwrap().starts_with("/login"));
    assert_eq!(api.get("/v1/workspace-groups").await.ids(), Vec::<String>::new());
}
