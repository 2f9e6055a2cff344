//! Deleting a person unlinks them from their rows and changes nothing else.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::execute;
use crate::support::{TestApp, event_count, events, group, person, row_count, workspace};

#[database_test]
async fn deletion_clears_created_by_and_keeps_rows_and_names(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let api = app.api_client(&["write"]).await;
    let group = by_ana
        .post(
            "/v1/workspace-groups",
            json!({ "data": { "type": "workspace_group", "attributes": { "name": "EMEA" } } }),
        )
        .await
        .id();
    let live = by_ana.enroll(&group, &acme).await;
    let removed = by_ana.enroll(&group, &beta).await.id();
    let removed_path = format!("/v1/workspace-group-workspaces/{removed}");
    by_ana.delete(&removed_path).await;
    let logged = events(&pool).await;

    assert_eq!(api.delete(&format!("/v1/people/{ana}")).await.status, 204);

    assert_eq!(row_count(&pool).await, 2);
    assert_eq!(events(&pool).await, logged);
    assert_eq!(logged[2].2.as_deref(), Some("Ana Lima"));
    for path in [
        format!("/v1/workspace-group-workspaces/{}", live.id()),
        removed_path,
        format!("/v1/workspace-groups/{group}"),
    ] {
        let now = api.get(&path).await;
        assert_eq!(now.body["data"]["relationships"]["created_by"]["data"], Value::Null);
    }
    let now = api.get(&format!("/v1/workspace-group-workspaces/{}", live.id())).await;
    let attributes = |answer: &crate::support::Answer| answer.body["data"]["attributes"].clone();
    assert_eq!(attributes(&now)["created_at"], attributes(&live)["created_at"]);
    assert_ne!(attributes(&now)["updated_at"], attributes(&live)["updated_at"]);
    let linked: i64 = sqlx::query_scalar("SELECT count(actor_people_pk) FROM groupdesk.enrollment_events")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(linked, 0);
}

#[database_test]
async fn deletion_by_sql_has_the_same_effects(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let enrolled = by_ana.enroll(&emea, &acme).await;
    let api = app.api_client(&["read"]).await;

    execute(&pool, "DELETE FROM core_api.peoples").await;

    let now = api.get(&format!("/v1/workspace-group-workspaces/{}", enrolled.id())).await;
    assert_eq!(now.body["data"]["relationships"]["created_by"]["data"], Value::Null);
    assert_ne!(
        now.body["data"]["attributes"]["updated_at"],
        enrolled.body["data"]["attributes"]["updated_at"]
    );
    assert_eq!(event_count(&pool).await, 1);
}
