//! Numbers of events by day and by group.

use groupdesk::kernel::page::TimeRange;
use groupdesk::resources::enrollment_events::model::Activity;
use groupdesk::resources::enrollment_events::ops::{event_activity, event_busiest_groups};
use groupdesk::resources::workspaces::ops::workspace_count_ungrouped;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::execute;
use crate::support::{enroll, group, remove, time, workspace};

/// Writes an event of an existing enrollment.
async fn insert_event(pool: &PgPool, enrollment: &str, action: &str, at: &str) {
    let statement = format!(
        "INSERT INTO groupdesk.enrollment_events
             (action, occurred_at, source, workspace_group_workspace_pk, workspace_group_pk, workspace_pk)
         SELECT '{action}', '{at}', 'web', pk, workspace_group_pk, workspace_pk
         FROM core_api.workspace_group_workspaces WHERE workspace_group_workspace_id = '{enrollment}'"
    );
    execute(pool, &statement).await;
}

#[database_test]
async fn events_are_counted_by_local_day(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let row = enroll(&pool, &emea, &acme, time("2026-01-01T00:00:00Z")).await;
    for (action, at) in [
        ("enrolled", "2026-03-28T22:59:59.999Z"),
        ("enrolled", "2026-03-28T23:00:00Z"),
        ("removed", "2026-03-29T21:59:59.999Z"),
        ("attribution_corrected", "2026-03-29T10:00:00Z"),
        ("enrolled", "2026-03-29T22:00:00Z"),
        ("removed", "2026-03-30T21:59:59.999Z"),
        ("removed", "2026-03-30T22:00:00Z"),
    ] {
        insert_event(&pool, &row, action, at).await;
    }
    // Two days in Paris, the first with 23 hours because of summer time, and a day without events.
    let days =
        ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z", "2026-03-31T22:00:00Z"];
    let mut connection = pool.acquire().await.unwrap();
    assert_eq!(
        event_activity(&mut connection, &days.map(time)).await.unwrap(),
        [
            Activity { enrolled: 1, removed: 1 },
            Activity { enrolled: 1, removed: 1 },
            Activity { enrolled: 0, removed: 1 },
        ]
    );
    assert_eq!(event_activity(&mut connection, &[]).await.unwrap(), []);
}

#[database_test]
async fn busiest_groups_come_first(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    let mut rows = Vec::new();
    for name in ["Quiet", "Busy", "Busier", "Long ago"] {
        let group = group(&pool, name).await;
        rows.push(enroll(&pool, &group, &acme, time("2026-01-01T00:00:00Z")).await);
    }
    insert_event(&pool, &rows[0], "attribution_corrected", "2026-05-02T00:00:00Z").await;
    for action in ["enrolled", "removed"] {
        insert_event(&pool, &rows[1], action, "2026-05-02T00:00:00Z").await;
        insert_event(&pool, &rows[2], action, "2026-05-02T00:00:00Z").await;
        insert_event(&pool, &rows[2], "removed", "2026-05-01T00:00:00Z").await;
        insert_event(&pool, &rows[3], action, "2026-04-30T23:59:59Z").await;
    }
    let range =
        TimeRange { from: Some(time("2026-05-01T00:00:00Z")), before: Some(time("2026-05-31T00:00:00Z")) };
    let mut connection = pool.acquire().await.unwrap();
    let rows_of = |groups: Vec<groupdesk::resources::enrollment_events::model::BusyGroup>| -> Vec<_> {
        groups
            .into_iter()
            .map(|group| (group.name, group.activity.enrolled, group.activity.removed))
            .collect()
    };
    let busiest = event_busiest_groups(&mut connection, range, 5).await.unwrap();
    assert_eq!(rows_of(busiest), [("Busier".to_owned(), 1, 3), ("Busy".to_owned(), 1, 1)]);
    let busiest = event_busiest_groups(&mut connection, range, 1).await.unwrap();
    assert_eq!(rows_of(busiest), [("Busier".to_owned(), 1, 3)]);
}

#[database_test]
async fn workspace_without_live_enrollments_is_ungrouped(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    workspace(&pool, "Never in one").await;
    workspace(&pool, "Deleted").await;
    execute(&pool, "UPDATE core_api.workspaces SET deleted_at = now() WHERE name = 'Deleted'").await;
    let at = time("2026-05-01T00:00:00Z");
    enroll(&pool, &emea, &acme, at).await;
    enroll(&pool, &apac, &acme, at).await;
    let gone = enroll(&pool, &emea, &beta, at).await;
    remove(&pool, &gone, at).await;
    let mut connection = pool.acquire().await.unwrap();
    assert_eq!(workspace_count_ungrouped(&mut connection).await.unwrap(), 2);
}
