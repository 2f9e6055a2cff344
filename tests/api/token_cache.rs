//! Tokens that the server keeps in memory, and changes of them, which apply within a second.

use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{
    Answer, ApiClient, TestApp, events, group, listen, person, statements_of, wait_until, workspace,
};

const PATH: &str = "/v1/workspaces/00000000-0000-4000-8000-000000000000";
/// The listening connection of the server.
const LISTENER: &str =
    "FROM pg_stat_activity WHERE application_name = 'groupdesk tokens' AND datname = current_database()";

async fn execute(pool: &PgPool, statement: &str) {
    sqlx::raw_sql(statement).execute(pool).await.expect(statement);
}

/// Whether the token of this request was read from the database.
fn was_read(answer: &Answer) -> bool {
    statements_of(answer.header("x-request-id")).iter().any(|statement| statement.contains("api_tokens"))
}

async fn wait_until_cached(api: &ApiClient) {
    wait_until(10, "the token is in memory", async || !was_read(&api.get(PATH).await)).await;
}

/// Sends requests until one is answered as expected, for at most a second.
async fn assert_soon(api: &ApiClient, status: u16, what: &str) {
    let changed = Instant::now();
    while api.get(PATH).await.status != status {
        assert!(changed.elapsed() < Duration::from_secs(1), "not {status} within a second: {what}");
    }
}

#[database_test]
async fn request_with_a_known_token_takes_no_statement_for_it(pool: PgPool) {
    listen();
    let app = TestApp::with_token_cache(pool.clone()).await;
    let api = app.api_client(&["read"]).await;
    wait_until_cached(&api).await;
    let (mut requests, mut statements) = (0, 0);
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(2) {
        let answer = api.get(PATH).await;
        assert_eq!(answer.status, 404);
        requests += 1;
        statements += statements_of(answer.header("x-request-id")).len();
    }
    // A busy machine may delay a heartbeat.
    assert!(statements <= requests + requests / 10, "{statements} statements of {requests} requests");
    wait_until(10, "an invalid request takes no statement at all", async || {
        let answer = api.get("/v1/workspaces?limit=1").await;
        assert_eq!(answer.status, 400);
        statements_of(answer.header("x-request-id")).is_empty()
    })
    .await;
    // The use was noted once.
    app.write_last_uses().await;
    let used: bool = sqlx::query_scalar("SELECT last_used_at IS NOT NULL FROM groupdesk.api_tokens")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(used);
}

#[database_test]
async fn unknown_tokens_are_always_looked_up(pool: PgPool) {
    listen();
    let app = TestApp::with_token_cache(pool).await;
    wait_until_cached(&app.api_client(&["read"]).await).await;
    let unknown = app.with_token("groupdesk_0000");
    for _ in 0..3 {
        let answer = unknown.get(PATH).await;
        assert_eq!((answer.status, was_read(&answer)), (401, true));
    }
}

#[database_test]
async fn changes_of_a_token_apply_within_a_second(pool: PgPool) {
    listen();
    let app = TestApp::with_token_cache(pool.clone()).await;
    let api = app.api_client(&["read"]).await;
    for (change, status) in [
        ("scopes = '{audit}'", 403),
        ("scopes = '{read}'", 404),
        ("expires_at = now() - interval '1s'", 401),
        ("expires_at = NULL", 404),
        ("revoked_at = now()", 401),
    ] {
        if api.get(PATH).await.status != 401 {
            wait_until_cached(&api).await;
        }
        execute(&pool, &format!("UPDATE groupdesk.api_tokens SET {change}")).await;
        assert_soon(&api, status, change).await;
    }
    let api = app.api_client(&["read"]).await;
    wait_until_cached(&api).await;
    execute(&pool, "DELETE FROM groupdesk.api_tokens").await;
    assert_soon(&api, 401, "deleted").await;
}

#[database_test]
async fn renaming_and_deleting_the_holder_apply_within_a_second(pool: PgPool) {
    listen();
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::with_token_cache(pool.clone()).await;
    let api = app.api_client_for("ana@example.com", &["write"]).await;
    wait_until_cached(&api).await;
    execute(&pool, "UPDATE core_api.peoples SET last_name = 'Costa'").await;
    wait_until(1, "the token is read again", async || was_read(&api.get(PATH).await)).await;
    let group = group(&pool, "EMEA").await;
    assert_eq!(api.enroll(&group, &workspace(&pool, "Acme").await).await.status, 201);
    assert_eq!(events(&pool).await[0].2.as_deref(), Some("Ana Costa"));

    wait_until_cached(&api).await;
    execute(&pool, "DELETE FROM core_api.peoples").await;
    assert_soon(&api, 401, "the holder is deleted").await;
}

/// The clock decides, without a notification.
#[database_test]
async fn known_token_expires_on_time(pool: PgPool) {
    listen();
    let app = TestApp::with_token_cache(pool.clone()).await;
    let api = app.api_client(&["read"]).await;
    execute(&pool, "UPDATE groupdesk.api_tokens SET expires_at = now() + interval '2s'").await;
    wait_until_cached(&api).await;
    // The server's clock shows whole milliseconds.
    let has_expired = "SELECT expires_at <= now() - interval '5 ms' FROM groupdesk.api_tokens";
    loop {
        let is_expired: bool = sqlx::query_scalar(has_expired).fetch_one(&pool).await.unwrap();
        let answer = api.get(PATH).await;
        if is_expired {
            assert_eq!(answer.status, 401);
            break;
        }
    }
}

/// Without the function that notifies, the listener does not come back. Its triggers stay.
#[database_test]
async fn without_a_listener_every_request_reads_its_token(pool: PgPool) {
    listen();
    let app = TestApp::with_token_cache(pool.clone()).await;
    let api = app.api_client(&["read"]).await;
    wait_until_cached(&api).await;
    execute(&pool, "ALTER FUNCTION groupdesk.notify_token_change() RENAME TO renamed").await;
    execute(&pool, &format!("SELECT pg_terminate_backend(pid) {LISTENER}")).await;
    wait_until(1, "the loss is noticed", async || was_read(&api.get(PATH).await)).await;
    let lost = Instant::now();
    while lost.elapsed() < Duration::from_secs(1) {
        assert!(was_read(&api.get(PATH).await), "a token was used without a listener");
    }
    execute(&pool, "UPDATE groupdesk.api_tokens SET revoked_at = now()").await;
    assert_eq!(api.get(PATH).await.status, 401);

    execute(&pool, "ALTER FUNCTION groupdesk.renamed() RENAME TO notify_token_change").await;
    wait_until_cached(&app.api_client(&["read"]).await).await;
}
