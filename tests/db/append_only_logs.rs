//! The logs are append-only, also for SQL by hand.

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use super::refusal;
use crate::support::{TestApp, admin_events, events, group, person, workspace};

#[database_test]
async fn events_cannot_be_changed_deleted_or_truncated(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    by_ana.enroll(&emea, &acme).await;
    by_ana
        .post(
            "/v1/workspace-groups",
            json!({ "data": { "type": "workspace_group", "attributes": { "name": "APAC" } } }),
        )
        .await;
    let before = (events(&pool).await, admin_events(&pool).await);

    for table in ["enrollment_events", "admin_events"] {
        for statement in [
            format!("UPDATE groupdesk.{table} SET action = action"),
            format!("UPDATE groupdesk.{table} SET actor_name = 'Somebody else'"),
            format!("UPDATE groupdesk.{table} SET occurred_at = now()"),
            // The update that deletes a person's link, executed by hand, would hide the actor.
            format!("UPDATE groupdesk.{table} SET actor_people_pk = NULL"),
            format!("DELETE FROM groupdesk.{table}"),
            format!("TRUNCATE groupdesk.{table}"),
            format!("TRUNCATE groupdesk.{table} CASCADE"),
        ] {
            assert_eq!(refusal(&pool, &statement).await, format!("{table}_append_only"), "{statement}");
        }
    }
    assert_eq!((events(&pool).await, admin_events(&pool).await), before);
}

#[database_test]
async fn rows_with_events_cannot_be_deleted(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    app.api_client(&["write"]).await.enroll(&emea, &acme).await;
    for statement in ["DELETE FROM core_api.workspace_groups", "DELETE FROM core_api.workspaces"] {
        let by = refusal(&pool, statement).await;
        assert!(by.ends_with("_fkey"), "{by}");
    }
}
