//! A database that cannot write. A trigger raises Postgres's own errors, and the real disk is not touched.

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Answer, ApiClient, Server, database_url};

/// From now on inserting groups fails with this SQLSTATE and message.
async fn fail(pool: &PgPool, code: &str, words: &str) {
    let statements = format!(
        "CREATE OR REPLACE FUNCTION public.fail() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'could not extend file \"base/1/2\": {words}' USING ERRCODE = '{code}'; END $$;
         CREATE OR REPLACE TRIGGER fail BEFORE INSERT ON core_api.workspace_groups
             FOR EACH ROW EXECUTE FUNCTION public.fail()"
    );
    sqlx::raw_sql(&statements).execute(pool).await.unwrap();
}

async fn create_group(api: &ApiClient) -> Answer {
    let group = json!({ "data": { "type": "workspace_group", "attributes": { "name": "EMEA" } } });
    api.post("/v1/workspace-groups", group).await
}

async fn readiness(server: &Server) -> u16 {
    reqwest::get(server.url("/readyz")).await.unwrap().status().as_u16()
}

#[database_test]
async fn write_failures_are_an_outage_with_any_sqlstate(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--database-url", &database_url(&pool)]).await;
    let api = server.api_client(&pool, &["write"]).await;
    for (code, words) in [
        ("53100", "No space left on device"),
        ("58030", "Input/output error"),
        ("XX000", "Disk quota exceeded"),
        ("42501", "Read-only file system"),
    ] {
        fail(&pool, code, words).await;
        let answer = create_group(&api).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, "1"), "{words}: {answer:?}");
        // The server's own write probe succeeds.
        assert_eq!(readiness(&server).await, 200, "{words}");
    }
    fail(&pool, "XX000", "invalid page").await;
    assert_eq!(create_group(&api).await.status, 500);
}

/// An administrator revoked functions from all roles.
#[database_test]
async fn server_without_the_write_probe_is_ready(pool: PgPool) {
    let revoke = "REVOKE EXECUTE ON FUNCTION pg_catalog.lo_from_bytea(oid, bytea) FROM PUBLIC";
    sqlx::raw_sql(revoke).execute(&pool).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--database-url", &database_url(&pool)]).await;
    let api = server.api_client(&pool, &["write"]).await;
    fail(&pool, "53100", "No space left on device").await;
    assert_eq!(create_group(&api).await.status, 503);
    assert_eq!(readiness(&server).await, 200);
}
