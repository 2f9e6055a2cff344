//! Tokens, passwords, links and session ids: recognizable when they leak, and stored nowhere in plain text.

use chrono::{DateTime, Utc};
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::access::DOCUMENT;
use super::callers;
use super::fixtures::Fixtures;
use crate::support::{PASSWORD, TestApp, get, listen, operator, post, statements_of};

/// The pattern for secret scanners in the documentation.
fn pattern(start: &str) -> String {
    let (_, rest) = DOCUMENT.split_once(&format!("`{start}")).expect("a pattern");
    format!("^{start}{}$", rest.split('`').next().unwrap())
}

#[database_test]
async fn scanner_pattern_matches_exactly_tokens(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let pattern = pattern("groupdesk_");
    let matches = async |text: &str| -> bool {
        sqlx::query_scalar("SELECT $1 ~ $2").bind(text).bind(&pattern).fetch_one(&pool).await.unwrap()
    };
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let token = app.api_client(&["read"]).await.token().to_owned();
        assert!(matches(&token).await, "{token} {pattern}");
        assert!(seen.insert(token));
    }
    for other in ["groupdesk_session", "groupdesk_device", "groupdesk_", "groupdesk_mistyped"] {
        assert!(!matches(other).await, "{other}");
    }
}

/// The hexadecimal form in which Postgres prints bytes.
fn in_hex(text: &str) -> String {
    text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// A reader of the database, or of a copy, cannot sign in with its content.
#[database_test]
async fn no_table_contains_usable_secrets(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let token = app.api_client(&["write"]).await.token().to_owned();
    let link = Fixtures::make(&pool).await.link;
    let fields = [("email", "ana@example.com"), ("password", PASSWORD)];
    let cookie = post(&app, "sign-in", "", &fields).await.cookie();
    // A password in the wrong field, and a token that is shown once.
    post(&app, "sign-in", "", &[("email", PASSWORD), ("password", PASSWORD)]).await;
    post(&app, "password-change", &cookie, &[("old", PASSWORD), ("new", "short")]).await;
    let created = [("name", "Sync"), ("scopes[0]", "read"), ("holder", "system"), ("expiry", "never")];
    post(&app, "token-create", &cookie, &created).await;
    let page = get(&app, "/tokens", &cookie).await.text;
    let (_, shown) = page.split_once("value=\"groupdesk_").expect("the token");
    let shown = shown.split('"').next().unwrap();

    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('core_api', 'groupdesk')",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let session = cookie.split_once('=').unwrap().1;
    for table in tables {
        let rows: Vec<String> =
            sqlx::query_scalar(&format!("SELECT t::text FROM {table} t")).fetch_all(&pool).await.unwrap();
        let rows = rows.join("\n");
        for secret in [&token[16..], &link, shown, session] {
            let in_hex = in_hex(secret);
            assert!(!rows.contains(secret) && !rows.contains(&in_hex), "{table} holds {secret}");
        }
        let in_hex = in_hex(PASSWORD);
        // The text of the e-mail field of a failed sign-in is in the log that admins read.
        assert!(table == "groupdesk.admin_events" || !rows.contains(PASSWORD), "{table} holds a password");
        assert!(table == "groupdesk.sessions" || !rows.contains(&in_hex), "{table} holds a password");
    }
}

/// Requests that only read write nothing, even with a token that was never used before.
#[database_test]
async fn requests_do_not_write_the_last_use(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["read"]).await;
    listen();
    let mut last_used = Vec::new();
    for _ in 0..3 {
        let answer = api.get("/v1/workspaces").await;
        let statements = statements_of(answer.header("x-request-id"));
        assert!(!statements.is_empty());
        assert!(statements.iter().all(|statement| statement.starts_with("SELECT")), "{statements:#?}");
        app.write_last_uses().await;
        last_used.push(last_use(&pool).await);
    }
    assert!(last_used[0].is_some());
    // Uses are stored to the minute, so the second and third need no write.
    assert_eq!(last_used, [last_used[0], last_used[0], last_used[0]]);
    for moment in ["last_used_at - interval '61 s'", "now() + interval '1 year'"] {
        let change = format!("UPDATE groupdesk.api_tokens SET last_used_at = {moment}");
        sqlx::query(&change).execute(&pool).await.unwrap();
        let before = last_use(&pool).await;
        api.get("/v1/workspaces").await;
        app.write_last_uses().await;
        assert_ne!(last_use(&pool).await, before, "{moment}");
    }
}

/// A change of the token and the recording of its use do not wait for each other.
#[database_test]
async fn last_use_of_a_locked_token_is_postponed(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["read"]).await;
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query("UPDATE groupdesk.api_tokens SET name = 'held'").execute(&mut *transaction).await.unwrap();
    assert_eq!(api.get("/v1/workspaces").await.status, 200);
    app.write_last_uses().await;
    transaction.commit().await.unwrap();
    assert_eq!(last_use(&pool).await, None);
    api.get("/v1/workspaces").await;
    app.write_last_uses().await;
    assert!(last_use(&pool).await.is_some());
}

async fn last_use(pool: &PgPool) -> Option<DateTime<Utc>> {
    sqlx::query_scalar("SELECT last_used_at FROM groupdesk.api_tokens").fetch_one(pool).await.unwrap()
}

/// Only the response that creates a token contains it, and no response contains a hash or a session id.
#[database_test]
async fn no_page_shows_secrets(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let (admin, fixtures) = (callers.last().unwrap(), Fixtures::make(&pool).await);
    let token = app.api_client(&["read"]).await.token().to_owned();
    let sessions: Vec<String> =
        sqlx::query_scalar("SELECT id FROM groupdesk.sessions").fetch_all(&pool).await.unwrap();
    assert!(sessions.len() >= 4);
    for row in super::access::rows(super::access::PAGES) {
        if row.method != reqwest::Method::GET {
            continue;
        }
        let path = super::requests::path(&row, &fixtures);
        let reply = crate::support::Reply::read(admin.ask(&app, &row.method, &path)).await;
        for session in &sessions {
            assert!(!reply.text.contains(session.as_str()), "{path} shows the id of a session");
        }
        for secret in [&token[16..], "$argon2id$", &fixtures.link] {
            assert!(!reply.text.contains(secret), "{path} shows {secret}");
        }
    }
}
