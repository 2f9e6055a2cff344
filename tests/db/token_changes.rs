//! Notifications of changed tokens, which make servers read them again.

use pretty_assertions::assert_eq;
use sqlx::PgPool;
use sqlx::postgres::PgListener;

use super::execute;
use crate::support::{TestApp, person};

/// The notifications since the last call.
async fn notified(pool: &PgPool, listener: &mut PgListener) -> Vec<String> {
    execute(pool, "NOTIFY groupdesk_tokens, 'end'").await;
    let mut payloads = Vec::new();
    loop {
        match listener.recv().await.unwrap().payload() {
            "end" => return payloads,
            payload => payloads.push(payload.to_owned()),
        }
    }
}

#[database_test]
async fn every_change_that_servers_must_know_is_notified(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    person(&pool, "Bo", "Li", "bo@example.com").await;
    let app = TestApp::start(pool.clone()).await;
    app.api_client_for("ana@example.com", &["read"]).await;
    let token: String = sqlx::query_scalar("SELECT api_token_id::text FROM groupdesk.api_tokens")
        .fetch_one(&pool)
        .await
        .unwrap();
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    listener.listen("groupdesk_tokens").await.unwrap();
    for (change, is_notified) in [
        ("UPDATE groupdesk.api_tokens SET last_used_at = now()", false),
        ("UPDATE groupdesk.api_tokens SET scopes = '{read}'", false),
        ("UPDATE groupdesk.api_tokens SET scopes = '{write}'", true),
        ("UPDATE groupdesk.api_tokens SET name = 'Other'", true),
        ("UPDATE groupdesk.api_tokens SET expires_at = now() + interval '1h'", true),
        ("UPDATE core_api.peoples SET email = 'x' || email, updated_at = now()", false),
        ("UPDATE core_api.peoples SET first_name = 'Bob' WHERE first_name = 'Bo'", false),
        ("UPDATE core_api.peoples SET last_name = 'Costa' WHERE first_name = 'Ana'", true),
        ("DELETE FROM core_api.peoples WHERE first_name = 'Ana'", true),
        ("BEGIN; UPDATE groupdesk.api_tokens SET revoked_at = now(); ROLLBACK", false),
        ("UPDATE groupdesk.api_tokens SET revoked_at = now()", true),
        ("DELETE FROM groupdesk.api_tokens", true),
    ] {
        execute(&pool, change).await;
        let expected: &[&str] = if is_notified { &[&token] } else { &[] };
        assert_eq!(notified(&pool, &mut listener).await, expected, "{change}");
    }
    execute(&pool, "TRUNCATE groupdesk.api_tokens CASCADE").await;
    assert_eq!(notified(&pool, &mut listener).await, ["*"]);
}

/// Another program that shares the table has no right to read tokens.
#[database_test]
async fn roles_without_rights_on_tokens_can_rename_people(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::start(pool.clone()).await;
    app.api_client_for("ana@example.com", &["read"]).await;
    let role: String =
        sqlx::query_scalar("SELECT 'platform_' || md5(current_database())").fetch_one(&pool).await.unwrap();
    let rename = format!(
        "DROP ROLE IF EXISTS \"{role}\"; CREATE ROLE \"{role}\";
         GRANT USAGE ON SCHEMA core_api TO \"{role}\"; GRANT SELECT, UPDATE ON core_api.peoples TO \"{role}\";
         SET ROLE \"{role}\"; UPDATE core_api.peoples SET last_name = 'Costa'; RESET ROLE;
         DROP OWNED BY \"{role}\"; DROP ROLE \"{role}\""
    );
    let mut listener = PgListener::connect_with(&pool).await.unwrap();
    listener.listen("groupdesk_tokens").await.unwrap();
    execute(&pool, &rename).await;
    assert_eq!(notified(&pool, &mut listener).await.len(), 1);
}
