//! Workspaces without a live enrollment: the candidate table never misses one, and nobody waits for it.

use groupdesk::kernel::page::{NamedSortKey, PageRequest, Sort};
use groupdesk::resources::workspaces::model::WorkspaceFilter;
use groupdesk::resources::workspaces::ops::workspace_list;
use pretty_assertions::assert_eq;
use sqlx::{PgConnection, PgPool};

use super::execute;
use crate::support::{enroll, group, remove, time, workspace};

async fn list_names(pool: &PgPool, grouped: bool) -> Vec<String> {
    let filter = WorkspaceFilter { grouped: Some(grouped), ..WorkspaceFilter::default() };
    let mut connection = pool.acquire().await.unwrap();
    let sort = Sort(vec![(NamedSortKey::Name, false)]);
    let page = workspace_list(&mut connection, &filter, &sort, &PageRequest::first(50)).await.unwrap();
    page.items.into_iter().map(|workspace| workspace.name).collect()
}

async fn ungrouped(pool: &PgPool) -> Vec<String> {
    list_names(pool, false).await
}

/// Executes statements of an open transaction.
async fn run(connection: &mut PgConnection, statement: &str) {
    sqlx::raw_sql(statement).execute(connection).await.expect(statement);
}

const ENROLL: &str = "INSERT INTO core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk)
                      SELECT g.pk, w.pk FROM core_api.workspace_groups g, core_api.workspaces w WHERE g.name = ";

fn enroll_sql(group: &str) -> String {
    format!("{ENROLL}'{group}'")
}

fn remove_sql(group: &str) -> String {
    format!(
        "UPDATE core_api.workspace_group_workspaces e SET deleted_at = greatest(now(), e.created_at), updated_at = now()
         FROM core_api.workspace_groups g WHERE g.pk = e.workspace_group_pk AND g.name = '{group}' AND e.deleted_at IS NULL"
    )
}

#[database_test]
async fn ungrouped_until_enrolled_and_after_the_last_removal(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let acme = workspace(&pool, "Acme").await;
    workspace(&pool, "Beta").await;
    assert_eq!(
        (ungrouped(&pool).await, list_names(&pool, true).await),
        (vec!["Acme".into(), "Beta".into()], vec![])
    );

    let first = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let second = enroll(&pool, &apac, &acme, time("2026-05-01T00:00:00Z")).await;
    assert_eq!(
        (ungrouped(&pool).await, list_names(&pool, true).await),
        (vec!["Beta".into()], vec!["Acme".into()])
    );
    remove(&pool, &first, time("2026-05-02T00:00:00Z")).await;
    assert_eq!(ungrouped(&pool).await, ["Beta"]);
    // The workspace is not kept among the candidates either, because a table of all former members would
    // not help.
    let candidates: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.loose_workspaces").fetch_one(&pool).await.unwrap();
    assert_eq!(candidates, 1);
    remove(&pool, &second, time("2026-05-03T00:00:00Z")).await;
    assert_eq!(
        (ungrouped(&pool).await, list_names(&pool, true).await),
        (vec!["Acme".into(), "Beta".into()], vec![])
    );
    enroll(&pool, &emea, &acme, time("2026-05-04T00:00:00Z")).await;
    assert_eq!(ungrouped(&pool).await, ["Beta"]);
}

/// Each transaction sees the other's row as live, and neither may conclude that the workspace is still in a
/// group.
#[database_test]
async fn concurrent_removal_from_two_groups_leaves_it_ungrouped(pool: PgPool) {
    group(&pool, "EMEA").await;
    group(&pool, "APAC").await;
    for level in ["READ COMMITTED", "REPEATABLE READ"] {
        workspace(&pool, "Acme").await;
        execute(&pool, &enroll_sql("EMEA")).await;
        execute(&pool, &enroll_sql("APAC")).await;
        assert_eq!(ungrouped(&pool).await, Vec::<String>::new());
        let (mut one, mut other) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
        for connection in [&mut one, &mut other] {
            run(connection, &format!("BEGIN ISOLATION LEVEL {level}; SET LOCAL lock_timeout = '1s'; SELECT 1 FROM core_api.peoples")).await;
        }
        run(&mut one, &remove_sql("EMEA")).await;
        run(&mut other, &remove_sql("APAC")).await;
        run(&mut one, "COMMIT").await;
        run(&mut other, "COMMIT").await;
        assert_eq!(ungrouped(&pool).await, ["Acme"], "{level}");
        reset(&pool).await;
    }
}

/// Deletes the data for another round.
async fn reset(pool: &PgPool) {
    execute(
        pool,
        "SET session_replication_role = replica; DELETE FROM core_api.workspace_group_workspaces;
         DELETE FROM core_api.workspaces; DELETE FROM groupdesk.loose_workspaces; RESET session_replication_role",
    )
    .await;
}

#[database_test]
async fn concurrent_enroll_and_remove_end_consistently(pool: PgPool) {
    group(&pool, "EMEA").await;
    group(&pool, "APAC").await;
    for (enrolled, removed) in [("COMMIT", "COMMIT"), ("COMMIT", "ROLLBACK"), ("ROLLBACK", "COMMIT")] {
        for enrolls_first in [true, false] {
            workspace(&pool, "Acme").await;
            execute(&pool, &enroll_sql("EMEA")).await;
            let (mut one, mut other) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
            for connection in [&mut one, &mut other] {
                run(connection, "BEGIN; SET LOCAL lock_timeout = '1s'").await;
            }
            if enrolls_first {
                run(&mut one, &enroll_sql("APAC")).await;
                run(&mut other, &remove_sql("EMEA")).await;
            } else {
                run(&mut other, &remove_sql("EMEA")).await;
                run(&mut one, &enroll_sql("APAC")).await;
            }
            run(&mut one, enrolled).await;
            run(&mut other, removed).await;
            let expected: &[&str] =
                if (enrolled, removed) == ("ROLLBACK", "COMMIT") { &["Acme"] } else { &[] };
            assert_eq!(ungrouped(&pool).await, expected, "{enrolled} {removed} {enrolls_first}");
            // Once the last enrollment is removed it is in no group, whatever happened before.
            execute(&pool, &remove_sql("EMEA")).await;
            execute(&pool, &remove_sql("APAC")).await;
            assert_eq!(ungrouped(&pool).await, ["Acme"], "{enrolled} {removed} {enrolls_first}");
            reset(&pool).await;
        }
    }
}

/// Two transactions that enroll two workspaces in opposite order would deadlock on a common row.
#[database_test]
async fn enrolling_in_other_groups_does_not_wait(pool: PgPool) {
    group(&pool, "EMEA").await;
    group(&pool, "APAC").await;
    workspace(&pool, "Acme").await;
    workspace(&pool, "Beta").await;
    let (mut one, mut other) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
    for connection in [&mut one, &mut other] {
        run(connection, "BEGIN; SET LOCAL lock_timeout = '1s'").await;
    }
    let named = |group, name| format!("{} AND w.name = '{name}'", enroll_sql(group));
    run(&mut one, &named("EMEA", "Acme")).await;
    run(&mut other, &named("APAC", "Beta")).await;
    run(&mut one, &named("EMEA", "Beta")).await;
    run(&mut other, &named("APAC", "Acme")).await;
    run(&mut one, "COMMIT").await;
    run(&mut other, "COMMIT").await;
    assert_eq!(ungrouped(&pool).await, Vec::<String>::new());
    for group in ["EMEA", "APAC"] {
        execute(&pool, &remove_sql(group)).await;
    }
    assert_eq!(ungrouped(&pool).await, ["Acme", "Beta"]);
}

/// A removed workspace is in no group, either, and is listed among the removed ones.
#[database_test]
async fn existing_workspaces_are_checked_by_the_migration(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    workspace(&pool, "Cobalt").await;
    enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let gone = enroll(&pool, &emea, &beta, time("2026-05-01T00:00:00Z")).await;
    remove(&pool, &gone, time("2026-05-02T00:00:00Z")).await;
    execute(
        &pool,
        "DROP TABLE groupdesk.loose_workspaces;
         DROP TRIGGER workspaces_loose ON core_api.workspaces;
         DROP TRIGGER workspace_group_workspaces_loose_no_more ON core_api.workspace_group_workspaces;
         DROP TRIGGER workspace_group_workspaces_loose_again ON core_api.workspace_group_workspaces;
         DROP FUNCTION groupdesk.loose_when_made, groupdesk.loose_no_more, groupdesk.loose_again",
    )
    .await;
    let migrations = &groupdesk::platform::db::migrate::MIGRATIONS;
    let this = migrations.iter().find(|one| one.description == "loose workspaces").unwrap();

    execute(&pool, &this.sql).await;

    assert_eq!(ungrouped(&pool).await, ["Beta", "Cobalt"]);
}

/// Also right after many workspaces were created, when the statistics say that there are few.
#[database_test]
async fn enrolling_looks_up_each_workspace_by_the_index(pool: PgPool) {
    group(&pool, "EMEA").await;
    group(&pool, "APAC").await;
    let mut transaction = pool.begin().await.unwrap();
    run(&mut transaction, "INSERT INTO core_api.workspaces (name) SELECT 'w' FROM generate_series(1, 9000)")
        .await;
    // All of them are on the list, and then none.
    for name in ["EMEA", "APAC"] {
        run(&mut transaction, &format!("{} AND w.pk % 9 = 0", enroll_sql(name))).await;
        let read: i64 = sqlx::query_scalar(
            "SELECT coalesce(sum(seq_tup_read), 0)::bigint FROM pg_stat_xact_user_tables
             WHERE relname = 'loose_workspaces'",
        )
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
        assert_eq!(read, 0, "{name}");
    }
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM groupdesk.loose_workspaces")
        .fetch_one(&mut *transaction)
        .await
        .unwrap();
    assert_eq!(left, 8000);
}
