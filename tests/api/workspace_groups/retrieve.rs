//! `GET /v1/workspace-groups/{id}`

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{TestApp, group, workspace};

#[database_test]
async fn live_and_removed_groups_are_returned(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let path = format!("/v1/workspace-groups/{emea}");

    let existing = api.get(&path).await;
    assert_eq!((existing.status, existing.id()), (200, emea));
    assert_eq!(existing.body["data"]["attributes"]["name"], "EMEA");
    api.delete(&path).await;
    let removed = api.get(&path).await;
    assert_eq!(removed.status, 200);
    assert!(removed.body["data"]["attributes"]["deleted_at"].is_string());
}

#[database_test]
async fn unknown_and_malformed_ids_are_404(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for id in [&acme, "42"] {
        let answer = api.get(&format!("/v1/workspace-groups/{id}")).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.errors()[0].1, "WORKSPACE_GROUP_NOT_FOUND");
    }
}
