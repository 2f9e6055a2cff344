//! `GET /v1/workspaces`

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{TestApp, workspace};

#[database_test]
async fn live_workspaces_are_listed_and_searched(pool: PgPool) {
    let (acme, beta) = (workspace(&pool, "Acme SAS").await, workspace(&pool, "Beta").await);
    let gone = workspace(&pool, "Acme Gone").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    api.delete(&format!("/v1/workspaces/{gone}")).await;

    assert_eq!(api.get("/v1/workspaces").await.ids(), [beta, acme.clone()]);
    assert_eq!(api.get("/v1/workspaces?filter[q]=aCmE").await.ids(), [acme]);
    let shown = api.get(&format!("/v1/workspaces/{gone}")).await;
    assert_eq!(shown.status, 200);
    assert!(shown.body["data"]["attributes"]["deleted_at"].is_string());
}
