//! `groupdesk token create`

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{TestApp, database_url, group, person, run, workspace};

async fn create(pool: &PgPool, rest: &[&str]) -> crate::support::Exit {
    let url = database_url(pool);
    let mut args = vec!["token", "create", "--name", "provisioning", "--database-url", &url];
    args.extend(rest);
    run(&args).await
}

#[database_test]
async fn only_the_token_is_printed(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);

    let created = create(&pool, &["--scope", "read,write", "--person", "ANA@example.com"]).await;
    assert_eq!(created.status, 0, "{created:?}");
    let token = created.out.strip_suffix('\n').unwrap();
    assert!(token.starts_with("groupdesk_") && !token.contains(char::is_whitespace), "{token}");
    assert!(!created.err.contains(token), "{created:?}");

    let app = TestApp::start(pool.clone()).await;
    let enrolled = app.with_token(token).enroll(&emea, &acme).await;
    assert_eq!(enrolled.status, 201);
    assert_eq!(enrolled.body["data"]["relationships"]["created_by"]["data"]["id"], ana);
    let system = create(&pool, &["--scope", "read", "--system"]).await;
    let system = app.with_token(system.out.trim());
    assert_eq!(system.get("/v1/people").await.status, 200);
    assert_eq!(system.enroll(&emea, &acme).await.status, 403);
}

#[database_test(empty)]
async fn expiry_is_stored(pool: PgPool) {
    let created = create(&pool, &["--scope", "read", "--system", "--expires", "90d"]).await;
    assert_eq!(created.status, 0, "{created:?}");
    let days: f64 = sqlx::query_scalar(
        "SELECT (extract(epoch FROM expires_at - created_at) / 86400)::float8 FROM groupdesk.api_tokens",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!((days - 90.0).abs() < 1e-6, "{days}");
}

#[database_test]
async fn unknown_person_is_an_error(pool: PgPool) {
    let created = create(&pool, &["--scope", "read", "--person", "nobody@example.com"]).await;
    assert_eq!((created.status, created.out.as_str()), (1, ""));
    assert!(created.err.contains("No person has the e-mail address nobody@example.com."), "{created:?}");
}

#[database_test]
async fn tokens_are_listed_and_revoked(pool: PgPool) {
    let created = create(&pool, &["--scope", "read,write", "--system"]).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.with_token(created.out.trim());
    let url = database_url(&pool);
    let list = async || run(&["token", "list", "--database-url", &url]).await.out;
    let listed = list().await;
    let line: Vec<&str> = listed.trim_end().split('\t').collect();
    assert_eq!(line[1..], [&created.out[..16], "provisioning", "read,write", "active", "never"]);

    let revoked = run(&["token", "revoke", line[0], "--database-url", &url]).await;
    assert_eq!((revoked.status, revoked.out.as_str()), (0, "provisioning can no longer be used\n"));
    assert_eq!(api.get("/v1/people").await.status, 401);
    assert!(list().await.contains("\trevoked\t"));
    let nobody = ["token", "revoke", "00000000-0000-4000-8000-000000000000", "--database-url", &url];
    assert_eq!(run(&nobody).await.status, 1);
    assert_eq!(run(&["token", "revoke", "x", "--database-url", &url]).await.status, 2);
}
