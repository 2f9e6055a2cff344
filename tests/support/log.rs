//! Reads the tables and logs directly.

use sqlx::PgPool;

/// Action, source, actor's name and token's name of each enrollment event, oldest first.
pub async fn events(pool: &PgPool) -> Vec<(String, String, Option<String>, Option<String>)> {
    sqlx::query_as(
        "SELECT action, source, actor_name, token_name FROM groupdesk.enrollment_events ORDER BY pk",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

/// Action, actor's name and subject of each administration event, oldest first.
pub async fn admin_events(pool: &PgPool) -> Vec<(String, Option<String>, Option<String>)> {
    sqlx::query_as("SELECT action, actor_name, subject_name FROM groupdesk.admin_events ORDER BY pk")
        .fetch_all(pool)
        .await
        .unwrap()
}

async fn count(pool: &PgPool, of: &str) -> i64 {
    sqlx::query_scalar(&format!("SELECT count(*) FROM {of}")).fetch_one(pool).await.unwrap()
}

pub async fn event_count(pool: &PgPool) -> i64 {
    count(pool, "groupdesk.enrollment_events").await
}

pub async fn row_count(pool: &PgPool) -> i64 {
    count(pool, "core_api.workspace_group_workspaces").await
}

pub async fn live_count(pool: &PgPool) -> i64 {
    count(pool, "core_api.workspace_group_workspaces WHERE deleted_at IS NULL").await
}

/// All columns of an enrollment's row as one text, to compare the row before and after.
pub async fn row(pool: &PgPool, enrollment: &str) -> String {
    sqlx::query_scalar(
        "SELECT e::text FROM core_api.workspace_group_workspaces e WHERE workspace_group_workspace_id = $1::uuid",
    )
    .bind(enrollment)
    .fetch_one(pool)
    .await
    .unwrap()
}
