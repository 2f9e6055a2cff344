//! The names by which the enrollments of a group are sorted: triggers keep them, whichever program writes the tables of `core_api`.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{execute, wait_for_blocked_statement};
use crate::support::{enroll, group, remove, time, workspace};

/// The names of the live and of the removed enrollments of all groups, in their order.
async fn names(pool: &PgPool) -> (Vec<String>, Vec<String>) {
    let of = async |is_live: bool| {
        sqlx::query_scalar(
            "SELECT name_key FROM groupdesk.enrollment_names WHERE is_live = $1
             ORDER BY workspace_group_pk, name_key, enrollment_pk",
        )
        .bind(is_live)
        .fetch_all(pool)
        .await
        .unwrap()
    };
    (of(true).await, of(false).await)
}

#[database_test]
async fn names_follow_enrollments_removals_and_renames(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let (arzte, zebra) = (workspace(&pool, "  Ärzte  SUD ").await, workspace(&pool, "Zebra").await);
    let day = time("2026-05-01T00:00:00Z");
    for group in [&emea, &apac] {
        enroll(&pool, group, &arzte, day).await;
    }
    let removed = enroll(&pool, &emea, &zebra, day).await;
    assert_eq!(names(&pool).await, (vec!["arzte sud".into(), "zebra".into(), "arzte sud".into()], vec![]));
    remove(&pool, &removed, time("2026-05-02T00:00:00Z")).await;
    assert_eq!(names(&pool).await, (vec!["arzte sud".into(), "arzte sud".into()], vec!["zebra".into()]));
    execute(&pool, "UPDATE core_api.workspaces SET name = 'Yak' WHERE name = 'Zebra'").await;
    let long = format!("UPDATE core_api.workspaces SET name = '{}' WHERE name LIKE '%SUD%'", "X".repeat(200));
    execute(&pool, &long).await;
    let short = "x".repeat(64);
    assert_eq!(names(&pool).await, (vec![short.clone(), short], vec!["yak".into()]));
    // A row that was removed elsewhere is written as it is.
    execute(
        &pool,
        "INSERT INTO core_api.workspace_group_workspaces
             (workspace_group_pk, workspace_pk, created_at, updated_at, deleted_at)
         SELECT g.pk, w.pk, '2026-01-01Z', '2026-01-02Z', '2026-01-02Z'
         FROM core_api.workspace_groups g, core_api.workspaces w WHERE g.name = 'APAC' AND w.name = 'Yak'",
    )
    .await;
    assert_eq!(names(&pool).await.1, ["yak", "yak"]);
}

/// The enrollment has read the old name, and its row is not visible yet.
#[database_test]
async fn a_rename_waits_for_an_enrollment_in_progress(pool: PgPool) {
    group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    let mut enrolling = pool.begin().await.unwrap();
    let statement = "INSERT INTO core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk)
                     SELECT g.pk, w.pk FROM core_api.workspace_groups g, core_api.workspaces w";
    sqlx::raw_sql(statement).execute(&mut *enrolling).await.unwrap();
    let rename = execute(&pool, "UPDATE core_api.workspaces SET name = 'Bolt'");
    let commit = async {
        wait_for_blocked_statement(&pool).await;
        enrolling.commit().await.unwrap();
    };
    futures::join!(rename, commit);
    assert_eq!(names(&pool).await.0, ["bolt"]);
}

#[database_test]
async fn an_enrollment_waits_for_a_rename_in_progress(pool: PgPool) {
    group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    let mut renaming = pool.begin().await.unwrap();
    sqlx::raw_sql("UPDATE core_api.workspaces SET name = 'Bolt'").execute(&mut *renaming).await.unwrap();
    let enroll = execute(
        &pool,
        "INSERT INTO core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk)
         SELECT g.pk, w.pk FROM core_api.workspace_groups g, core_api.workspaces w",
    );
    let commit = async {
        wait_for_blocked_statement(&pool).await;
        renaming.commit().await.unwrap();
    };
    futures::join!(enroll, commit);
    assert_eq!(names(&pool).await.0, ["bolt"]);
}

/// A change of anything else takes no lock that enrollments wait for.
#[database_test]
async fn only_a_rename_keeps_enrollments_waiting(pool: PgPool) {
    group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    let mut describing = pool.begin().await.unwrap();
    let statement = "UPDATE core_api.workspaces SET description = 'A customer'";
    sqlx::raw_sql(statement).execute(&mut *describing).await.unwrap();
    execute(
        &pool,
        "SET lock_timeout = '2s';
         INSERT INTO core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk)
         SELECT g.pk, w.pk FROM core_api.workspace_groups g, core_api.workspaces w",
    )
    .await;
    describing.rollback().await.unwrap();
    assert_eq!(names(&pool).await.0, ["acme"]);
}

/// The other platform that shares the tables has a role of its own.
#[database_test]
async fn other_roles_need_no_rights_on_the_names(pool: PgPool) {
    group(&pool, "EMEA").await;
    workspace(&pool, "Acme").await;
    let role = format!("elsewhere_{}", std::process::id());
    let statement = format!(
        "BEGIN;
         CREATE ROLE {role};
         GRANT USAGE ON SCHEMA core_api TO {role};
         GRANT ALL ON ALL TABLES IN SCHEMA core_api TO {role};
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA core_api TO {role};
         GRANT ALL ON groupdesk.loose_workspaces, groupdesk.untold_news TO {role};
         GRANT USAGE ON ALL SEQUENCES IN SCHEMA groupdesk TO {role};
         SET LOCAL ROLE {role};
         INSERT INTO core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk)
         SELECT g.pk, w.pk FROM core_api.workspace_groups g, core_api.workspaces w;
         UPDATE core_api.workspaces SET name = 'Bolt';
         RESET ROLE;
         DROP OWNED BY {role};
         DROP ROLE {role};
         COMMIT"
    );
    execute(&pool, &statement).await;
    assert_eq!(names(&pool).await.0, ["bolt"]);
}
