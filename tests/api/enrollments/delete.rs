//! `DELETE /v1/workspace-group-workspaces/{id}`

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, TestApp, enroll, event_count, group, live_count, row_count, time, workspace};

const CREATED: &str = "2026-05-01T00:00:00.000Z";
const NOW: &str = "2026-05-28T09:15:00.000Z";

#[database_test]
async fn removing_returns_204_and_keeps_the_row(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let id = enroll(&pool, &emea, &acme, time(CREATED)).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    let path = format!("/v1/workspace-group-workspaces/{id}");

    let answer = api.delete(&path).await;

    assert_eq!((answer.status, answer.body), (204, Value::Null));
    let removed = api.get(&path).await;
    assert_eq!(
        removed.body["data"]["attributes"],
        json!({ "created_at": CREATED, "updated_at": NOW, "deleted_at": NOW })
    );
    assert_eq!((row_count(&pool).await, live_count(&pool).await), (1, 0));

    assert_eq!(api.delete(&path).await.status, 204);
    assert_eq!(api.get(&path).await.body, removed.body);
    assert_eq!(event_count(&pool).await, 1);
}

#[database_test]
async fn unknown_ids_are_404(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    for id in [&acme, "42"] {
        let answer = api.delete(&format!("/v1/workspace-group-workspaces/{id}")).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.errors()[0].1, "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND");
    }
}

/// Some client libraries send a body with DELETE.
#[database_test]
async fn request_body_is_ignored(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let id = enroll(&pool, &emea, &acme, time(CREATED)).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let request = api
        .request(Method::DELETE, &format!("/v1/workspace-group-workspaces/{id}"))
        .header("content-type", "application/json")
        .body("{ not json");
    assert_eq!(Answer::read(request).await.status, 204);
}

/// The clocks of two machines may differ, and a row must not be removed before its creation.
#[database_test]
async fn removal_is_never_before_creation(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let ahead = "2026-05-28T09:15:03.000Z";
    let id = enroll(&pool, &emea, &acme, time(ahead)).await;
    let app = TestApp::at(pool, NOW).await;
    let api = app.api_client(&["write"]).await;
    let path = format!("/v1/workspace-group-workspaces/{id}");
    assert_eq!(api.delete(&path).await.status, 204);
    assert_eq!(api.get(&path).await.body["data"]["attributes"]["deleted_at"], ahead);
}
