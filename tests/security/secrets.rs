//! Tokens, passwords, links and session ids: known again where they got loose, and found nowhere else.

use chrono::{DateTime, Utc};
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::access::DOCUMENT;
use super::callers;
use super::things::Things;
use crate::support::{Desk, PASSWORD, get, listen, operator, post, statements_of};

/// What stands in the document for secret scanners.
fn pattern(start: &str) -> String {
    let (_, rest) = DOCUMENT.split_once(&format!("`{start}")).expect("a pattern");
    format!("^{start}{}$", rest.split('`').next().unwrap())
}

#[database_test]
async fn every_token_and_no_other_text_matches_the_pattern_for_scanners(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let pattern = pattern("groupdesk_");
    let matches = async |text: &str| -> bool {
        sqlx::query_scalar("SELECT $1 ~ $2").bind(text).bind(&pattern).fetch_one(&pool).await.unwrap()
    };
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let token = desk.machine(&["read"]).await.token().to_owned();
        assert!(matches(&token).await, "{token} {pattern}");
        assert!(seen.insert(token));
    }
    for other in ["groupdesk_session", "groupdesk_device", "groupdesk_", "groupdesk_mistyped"] {
        assert!(!matches(other).await, "{other}");
    }
}

/// As Postgres shows bytes.
fn in_hex(text: &str) -> String {
    text.bytes().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// Whoever reads the database, or a copy of it, is let in by nothing in it.
#[database_test]
async fn no_table_holds_what_lets_anybody_in(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let token = desk.machine(&["write"]).await.token().to_owned();
    let link = Things::make(&pool).await.link;
    let fields = [("email", "ana@example.com"), ("password", PASSWORD)];
    let cookie = post(&desk, "sign-in", "", &fields).await.cookie();
    // Mistyped, in the wrong field, and shown once.
    post(&desk, "sign-in", "", &[("email", PASSWORD), ("password", PASSWORD)]).await;
    post(&desk, "password-change", &cookie, &[("old", PASSWORD), ("new", "short")]).await;
    let made = [("name", "Sync"), ("scopes[0]", "read"), ("holder", "system"), ("expiry", "never")];
    post(&desk, "token-create", &cookie, &made).await;
    let page = get(&desk, "/tokens", &cookie).await.text;
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
        // What was typed as an address is what it failed with, in the log that admins read.
        assert!(table == "groupdesk.admin_events" || !rows.contains(PASSWORD), "{table} holds a password");
        assert!(table == "groupdesk.sessions" || !rows.contains(&in_hex), "{table} holds a password");
    }
}

/// A request that only reads writes nothing, also where its token was never used before.
#[database_test]
async fn the_last_use_of_a_token_is_written_by_no_request(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let machine = desk.machine(&["read"]).await;
    listen();
    let mut used = Vec::new();
    for _ in 0..3 {
        let answer = machine.get("/v1/workspaces").await;
        let statements = statements_of(answer.header("x-request-id"));
        assert!(!statements.is_empty());
        assert!(statements.iter().all(|statement| statement.starts_with("SELECT")), "{statements:#?}");
        desk.write_last_uses().await;
        used.push(last_use(&pool).await);
    }
    assert!(used[0].is_some());
    // To the minute: the second and third use are not worth a write.
    assert_eq!(used, [used[0], used[0], used[0]]);
    for moment in ["last_used_at - interval '61 s'", "now() + interval '1 year'"] {
        let change = format!("UPDATE groupdesk.api_tokens SET last_used_at = {moment}");
        sqlx::query(&change).execute(&pool).await.unwrap();
        let before = last_use(&pool).await;
        machine.get("/v1/workspaces").await;
        desk.write_last_uses().await;
        assert_ne!(last_use(&pool).await, before, "{moment}");
    }
}

/// Somebody who changes the token holds nobody up, and is not held up.
#[database_test]
async fn the_last_use_of_a_token_that_is_being_changed_is_left_for_the_next_time(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let machine = desk.machine(&["read"]).await;
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query("UPDATE groupdesk.api_tokens SET name = 'held'").execute(&mut *transaction).await.unwrap();
    assert_eq!(machine.get("/v1/workspaces").await.status, 200);
    desk.write_last_uses().await;
    transaction.commit().await.unwrap();
    assert_eq!(last_use(&pool).await, None);
    machine.get("/v1/workspaces").await;
    desk.write_last_uses().await;
    assert!(last_use(&pool).await.is_some());
}

async fn last_use(pool: &PgPool) -> Option<DateTime<Utc>> {
    sqlx::query_scalar("SELECT last_used_at FROM groupdesk.api_tokens").fetch_one(pool).await.unwrap()
}

/// No answer but the one to who made it holds a token, and none a hash or a session's id.
#[database_test]
async fn no_page_shows_a_secret_of_anybodys(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let callers = callers::of_the_pages(&desk).await;
    let (admin, things) = (callers.last().unwrap(), Things::make(&pool).await);
    let token = desk.machine(&["read"]).await.token().to_owned();
    let sessions: Vec<String> =
        sqlx::query_scalar("SELECT id FROM groupdesk.sessions").fetch_all(&pool).await.unwrap();
    assert!(sessions.len() >= 4);
    for row in super::access::rows(super::access::PAGES) {
        if row.method != reqwest::Method::GET {
            continue;
        }
        let path = super::deeds::path(&row, &things);
        let reply = crate::support::Reply::read(admin.ask(&desk, &row.method, &path)).await;
        for session in &sessions {
            assert!(!reply.text.contains(session.as_str()), "{path} shows the id of a session");
        }
        for secret in [&token[16..], "$argon2id$", &things.link] {
            assert!(!reply.text.contains(secret), "{path} shows {secret}");
        }
    }
}
