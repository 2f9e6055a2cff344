//! A pair has at most one live row, and any number of removed ones.

use pretty_assertions::assert_eq;
use serde_json::Value;
use sqlx::PgPool;

use super::refusal;
use crate::support::{TestApp, enroll, group, live_count, person, remove, row, row_count, time, workspace};

const INDEX: &str = "workspace_group_workspaces_group_workspace_active_unique";

#[database_test]
async fn second_live_row_is_refused_but_readding_works(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let first = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let again = "INSERT INTO core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk)
                 SELECT workspace_group_pk, workspace_pk FROM core_api.workspace_group_workspaces LIMIT 1";

    assert_eq!(refusal(&pool, again).await, INDEX);

    remove(&pool, &first, time("2026-05-02T00:00:00Z")).await;
    let second = enroll(&pool, &emea, &acme, time("2026-05-03T00:00:00Z")).await;
    assert_eq!(refusal(&pool, again).await, INDEX);
    remove(&pool, &second, time("2026-05-04T00:00:00Z")).await;
    enroll(&pool, &emea, &acme, time("2026-05-05T00:00:00Z")).await;
    assert_eq!((row_count(&pool).await, live_count(&pool).await), (3, 1));
}

#[database_test]
async fn workspace_can_be_live_in_many_groups(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    for name in ["EMEA", "APAC", "Pilot"] {
        let group = group(&pool, name).await;
        enroll(&pool, &group, &acme, time("2026-05-01T00:00:00Z")).await;
    }
    assert_eq!(live_count(&pool).await, 3);
}

#[database_test]
async fn readding_creates_a_new_row(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let by_bo = app.api_client_for("bo@example.com", &["write"]).await;

    let first = by_ana.enroll(&emea, &acme).await.id();
    let path = format!("/v1/workspace-group-workspaces/{first}");
    assert_eq!(by_bo.delete(&path).await.status, 204);
    let removed = row(&pool, &first).await;
    let second = by_bo.enroll(&emea, &acme).await;

    assert_eq!(second.status, 201);
    assert_ne!(second.id(), first);
    assert_eq!(second.body["data"]["attributes"]["deleted_at"], Value::Null);
    assert_eq!(second.body["data"]["relationships"]["created_by"]["data"]["id"], bo);
    assert_eq!(row(&pool, &first).await, removed);
    let old = by_bo.get(&path).await;
    assert_eq!(old.body["data"]["relationships"]["created_by"]["data"]["id"], ana);
    assert_ne!(old.body["data"]["attributes"]["deleted_at"], Value::Null);
    assert_eq!(row_count(&pool).await, 2);
}
