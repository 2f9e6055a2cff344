//! `GET /v1/workspaces`

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Desk, workspace};

#[database_test]
async fn live_workspaces_are_listed_and_searched(pool: PgPool) {
    let (acme, beta) = (workspace(&pool, "Acme SAS").await, workspace(&pool, "Beta").await);
    let gone = workspace(&pool, "Acme Gone").await;
    let desk = Desk::start(pool).await;
    let machine = desk.machine(&["write"]).await;
    machine.delete(&format!("/v1/workspaces/{gone}")).await;

    assert_eq!(machine.get("/v1/workspaces").await.ids(), [beta, acme.clone()]);
    assert_eq!(machine.get("/v1/workspaces?filter[q]=aCmE").await.ids(), [acme]);
    let shown = machine.get(&format!("/v1/workspaces/{gone}")).await;
    assert_eq!(shown.status, 200);
    assert!(shown.body["data"]["attributes"]["deleted_at"].is_string());
}
