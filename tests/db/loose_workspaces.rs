//! Which workspaces are in no group: the set of those that may be never lacks one, and nobody waits for it.

use groupdesk::kernel::page::{NamedSortKey, PageRequest, Sort};
use groupdesk::resources::workspaces::model::WorkspaceFilter;
use groupdesk::resources::workspaces::ops::workspace_list;
use pretty_assertions::assert_eq;
use sqlx::{PgConnection, PgPool};

use super::execute;
use crate::support::{enroll, group, remove, time, workspace};

async fn listed(pool: &PgPool, grouped: bool) -> Vec<String> {
    let filter = WorkspaceFilter { grouped: Some(grouped), ..WorkspaceFilter::default() };
    let mut connection = pool.acquire().await.unwrap();
    let sort = Sort(vec![(NamedSortKey::Name, false)]);
    let page = workspace_list(&mut connection, &filter, &sort, &PageRequest::first(50)).await.unwrap();
    page.items.into_iter().map(|workspace| workspace.name).collect()
}

async fn loose(pool: &PgPool) -> Vec<String> {
    listed(pool, false).await
}

/// Statements of one transaction, which stays open.
async fn run(connection: &mut PgConnection, statement: &str) {
    sqlx::raw_sql(statement).execute(connection).await.expect(statement);
}

const ENROLL: &str = "INSERT INTO core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk)
                      SELECT g.pk, w.pk FROM core_api.workspace_groups g, core_api.workspaces w WHERE g.name = ";

fn enrolling(group: &str) -> String {
    format!("{ENROLL}'{group}'")
}

fn removing(group: &str) -> String {
    format!(
        "UPDATE core_api.workspace_group_workspaces e SET deleted_at = greatest(now(), e.created_at), updated_at = now()
         FROM core_api.workspace_groups g WHERE g.pk = e.workspace_group_pk AND g.name = '{group}' AND e.deleted_at IS NULL"
    )
}

#[database_test]
async fn a_workspace_is_in_none_until_it_is_enrolled_and_once_it_is_out_of_the_last(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let acme = workspace(&pool, "Acme").await;
    workspace(&pool, "Beta").await;
    assert_eq!((loose(&pool).await, listed(&pool, true).await), (vec!["Acme".into(), "Beta".into()], vec![]));

    let first = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let second = enroll(&pool, &apac, &acme, time("2026-05-01T00:00:00Z")).await;
    assert_eq!((loose(&pool).await, listed(&pool, true).await), (vec!["Beta".into()], vec!["Acme".into()]));
    remove(&pool, &first, time("2026-05-02T00:00:00Z")).await;
    assert_eq!(loose(&pool).await, ["Beta"]);
    // Nor is it kept among those that may be: a set that holds all that ever left a group is no help.
    let kept: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.loose_workspaces").fetch_one(&pool).await.unwrap();
    assert_eq!(kept, 1);
    remove(&pool, &second, time("2026-05-03T00:00:00Z")).await;
    assert_eq!((loose(&pool).await, listed(&pool, true).await), (vec!["Acme".into(), "Beta".into()], vec![]));
    enroll(&pool, &emea, &acme, time("2026-05-04T00:00:00Z")).await;
    assert_eq!(loose(&pool).await, ["Beta"]);
}

/// Each sees the other's row as live, and neither may conclude from it that the workspace is in a group.
#[database_test]
async fn taken_out_of_its_last_two_groups_at_once_it_is_in_none(pool: PgPool) {
    group(&pool, "EMEA").await;
    group(&pool, "APAC").await;
    for level in ["READ COMMITTED", "REPEATABLE READ"] {
        workspace(&pool, "Acme").await;
        execute(&pool, &enrolling("EMEA")).await;
        execute(&pool, &enrolling("APAC")).await;
        assert_eq!(loose(&pool).await, Vec::<String>::new());
        let (mut one, mut other) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
        for connection in [&mut one, &mut other] {
            run(connection, &format!("BEGIN ISOLATION LEVEL {level}; SET LOCAL lock_timeout = '1s'; SELECT 1 FROM core_api.peoples")).await;
        }
        run(&mut one, &removing("EMEA")).await;
        run(&mut other, &removing("APAC")).await;
        run(&mut one, "COMMIT").await;
        run(&mut other, "COMMIT").await;
        assert_eq!(loose(&pool).await, ["Acme"], "{level}");
        break_up(&pool).await;
    }
}

/// Makes room for another round.
async fn break_up(pool: &PgPool) {
    execute(
        pool,
        "SET session_replication_role = replica; DELETE FROM core_api.workspace_group_workspaces;
         DELETE FROM core_api.workspaces; DELETE FROM groupdesk.loose_workspaces; RESET session_replication_role",
    )
    .await;
}

#[database_test]
async fn enrolled_and_removed_at_once_it_is_told_as_it_is_in_the_end(pool: PgPool) {
    group(&pool, "EMEA").await;
    group(&pool, "APAC").await;
    for (enrolled, removed) in [("COMMIT", "COMMIT"), ("COMMIT", "ROLLBACK"), ("ROLLBACK", "COMMIT")] {
        for enrolls_first in [true, false] {
            workspace(&pool, "Acme").await;
            execute(&pool, &enrolling("EMEA")).await;
            let (mut one, mut other) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
            for connection in [&mut one, &mut other] {
                run(connection, "BEGIN; SET LOCAL lock_timeout = '1s'").await;
            }
            if enrolls_first {
                run(&mut one, &enrolling("APAC")).await;
                run(&mut other, &removing("EMEA")).await;
            } else {
                run(&mut other, &removing("EMEA")).await;
                run(&mut one, &enrolling("APAC")).await;
            }
            run(&mut one, enrolled).await;
            run(&mut other, removed).await;
            let expected: &[&str] =
                if (enrolled, removed) == ("ROLLBACK", "COMMIT") { &["Acme"] } else { &[] };
            assert_eq!(loose(&pool).await, expected, "{enrolled} {removed} {enrolls_first}");
            // And out of the last it is in none, whatever was left over.
            execute(&pool, &removing("EMEA")).await;
            execute(&pool, &removing("APAC")).await;
            assert_eq!(loose(&pool).await, ["Acme"], "{enrolled} {removed} {enrolls_first}");
            break_up(&pool).await;
        }
    }
}

/// Two who put two workspaces into groups in opposite order would wait in a circle for a common row.
#[database_test]
async fn who_enrolls_the_same_workspaces_elsewhere_does_not_wait(pool: PgPool) {
    group(&pool, "EMEA").await;
    group(&pool, "APAC").await;
    workspace(&pool, "Acme").await;
    workspace(&pool, "Beta").await;
    let (mut one, mut other) = (pool.acquire().await.unwrap(), pool.acquire().await.unwrap());
    for connection in [&mut one, &mut other] {
        run(connection, "BEGIN; SET LOCAL lock_timeout = '1s'").await;
    }
    let named = |group, name| format!("{} AND w.name = '{name}'", enrolling(group));
    run(&mut one, &named("EMEA", "Acme")).await;
    run(&mut other, &named("APAC", "Beta")).await;
    run(&mut one, &named("EMEA", "Beta")).await;
    run(&mut other, &named("APAC", "Acme")).await;
    run(&mut one, "COMMIT").await;
    run(&mut other, "COMMIT").await;
    assert_eq!(loose(&pool).await, Vec::<String>::new());
    for group in ["EMEA", "APAC"] {
        execute(&pool, &removing(group)).await;
    }
    assert_eq!(loose(&pool).await, ["Acme", "Beta"]);
}

/// A removed workspace is in none either, and is listed among the removed.
#[database_test]
async fn what_was_there_before_is_looked_at_once(pool: PgPool) {
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

    assert_eq!(loose(&pool).await, ["Beta", "Cobalt"]);
}
