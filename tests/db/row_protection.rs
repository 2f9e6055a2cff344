//! The database refuses to delete enrollments or to change their facts, for every client.

use chrono::{DateTime, Utc};
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{execute, refusal};
use crate::support::{enroll, group, person, remove, row_count, time, workspace};

const TABLE: &str = "core_api.workspace_group_workspaces";

/// One live and one removed enrollment of different pairs.
async fn live_and_removed(pool: &PgPool) -> (String, String) {
    let group = group(pool, "EMEA").await;
    let (acme, beta) = (workspace(pool, "Acme").await, workspace(pool, "Beta").await);
    let live = enroll(pool, &group, &acme, time("2026-05-01T00:00:00Z")).await;
    let removed = enroll(pool, &group, &beta, time("2026-05-01T00:00:00Z")).await;
    remove(pool, &removed, time("2026-05-02T00:00:00Z")).await;
    (live, removed)
}

#[database_test]
async fn enrollments_cannot_be_deleted_or_truncated(pool: PgPool) {
    live_and_removed(&pool).await;
    for statement in [
        format!("DELETE FROM {TABLE}"),
        format!("DELETE FROM {TABLE} WHERE deleted_at IS NOT NULL"),
        format!("TRUNCATE {TABLE} CASCADE"),
        "TRUNCATE core_api.workspaces CASCADE".to_owned(),
        "TRUNCATE core_api.workspace_groups CASCADE".to_owned(),
        "TRUNCATE core_api.peoples CASCADE".to_owned(),
    ] {
        let by = refusal(&pool, &statement).await;
        // One TRUNCATE reaches several guarded tables, and the first of them refuses.
        assert!(
            by == "workspace_group_workspaces_never_deleted" || by.ends_with("_append_only"),
            "{statement}: {by}"
        );
    }
    assert_eq!(row_count(&pool).await, 2);
}

#[database_test]
async fn pair_id_and_created_at_are_immutable(pool: PgPool) {
    live_and_removed(&pool).await;
    let other = group(&pool, "APAC").await;
    for change in [
        "pk = pk + 100".to_owned(),
        "workspace_group_workspace_id = gen_random_uuid()".to_owned(),
        "workspace_pk = (SELECT max(pk) FROM core_api.workspaces) + 1 - workspace_pk".to_owned(),
        format!(
            "workspace_group_pk = (SELECT pk FROM core_api.workspace_groups WHERE workspace_group_id = '{other}')"
        ),
        "created_at = created_at + interval '1 second'".to_owned(),
        "created_at = now(), updated_at = now()".to_owned(),
    ] {
        assert_eq!(
            refusal(&pool, &format!("UPDATE {TABLE} SET {change}")).await,
            "workspace_group_workspaces_immutable",
            "{change}"
        );
    }
}

#[database_test]
async fn deleted_at_is_set_once_and_never_cleared(pool: PgPool) {
    live_and_removed(&pool).await;
    for moment in ["NULL", "now()", "deleted_at + interval '1 millisecond'"] {
        let statement = format!("UPDATE {TABLE} SET deleted_at = {moment} WHERE deleted_at IS NOT NULL");
        assert_eq!(
            refusal(&pool, &statement).await,
            "workspace_group_workspaces_deleted_at_once",
            "{moment}"
        );
    }
}

async fn updated_at(pool: &PgPool, enrollment: &str) -> Option<DateTime<Utc>> {
    sqlx::query_scalar(&format!(
        "SELECT updated_at FROM {TABLE} WHERE workspace_group_workspace_id = '{enrollment}'"
    ))
    .fetch_one(pool)
    .await
    .unwrap()
}

#[database_test]
async fn updated_at_is_set_on_insert_and_on_every_update(pool: PgPool) {
    let (live, removed) = live_and_removed(&pool).await;
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    execute(
        &pool,
        &format!(
            "INSERT INTO {TABLE} (workspace_group_pk, workspace_pk)
                  SELECT workspace_group_pk, workspace_pk FROM {TABLE} WHERE deleted_at IS NOT NULL"
        ),
    )
    .await;
    let missing: i64 = sqlx::query_scalar(&format!("SELECT count(*) FROM {TABLE} WHERE updated_at IS NULL"))
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(missing, 0);

    for enrollment in [live, removed] {
        let before = updated_at(&pool, &enrollment).await;
        let attribute = format!(
            "UPDATE {TABLE} SET created_by_pk = (SELECT pk FROM core_api.peoples WHERE people_id = '{ana}')
             WHERE workspace_group_workspace_id = '{enrollment}'"
        );
        execute(&pool, &attribute).await;
        let after = updated_at(&pool, &enrollment).await;
        assert!(after > before, "{before:?} {after:?}");
        assert_eq!(after.unwrap().timestamp_subsec_micros() % 1000, 0);
    }
}

#[database_test]
async fn updated_at_cannot_be_cleared(pool: PgPool) {
    let (live, _) = live_and_removed(&pool).await;
    execute(&pool, &format!("UPDATE {TABLE} SET updated_at = NULL")).await;
    assert_ne!(updated_at(&pool, &live).await, None);
}

#[database_test]
async fn parents_with_any_enrollments_cannot_be_deleted(pool: PgPool) {
    let groups = [group(&pool, "Live").await, group(&pool, "Removed").await];
    let workspaces = [workspace(&pool, "Live").await, workspace(&pool, "Removed").await];
    enroll(&pool, &groups[0], &workspaces[0], time("2026-05-01T00:00:00Z")).await;
    let removed = enroll(&pool, &groups[1], &workspaces[1], time("2026-05-01T00:00:00Z")).await;
    remove(&pool, &removed, time("2026-05-02T00:00:00Z")).await;

    for group in &groups {
        let statement = format!("DELETE FROM core_api.workspace_groups WHERE workspace_group_id = '{group}'");
        assert_eq!(refusal(&pool, &statement).await, "workspace_group_workspaces_workspace_group_pk_fkey");
    }
    for workspace in &workspaces {
        let statement = format!("DELETE FROM core_api.workspaces WHERE workspace_id = '{workspace}'");
        assert_eq!(refusal(&pool, &statement).await, "workspace_group_workspaces_workspace_pk_fkey");
    }
    assert_eq!(row_count(&pool).await, 2);
}
