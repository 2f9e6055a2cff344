//! Compares the tables with the model, or with the reported outcomes.

use std::collections::{BTreeMap, BTreeSet};

use groupdesk::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use pretty_assertions::assert_eq;
use sqlx::PgPool;
use uuid::Uuid;

use super::perform::{Case, Performed, person_name};
use super::reference_model::Model;
use super::steps::Pair;
use crate::support::violations;

/// A row of the tables with its events.
#[derive(Debug, PartialEq, Eq)]
struct StoredRow {
    pair: Pair,
    created_by: Option<Uuid>,
    is_live: bool,
    events: Vec<(String, Option<String>)>,
}

async fn found(pool: &PgPool, case: &Case) -> BTreeMap<EnrollmentId, StoredRow> {
    let groups: Vec<Uuid> = case.groups.iter().map(|id| id.uuid()).collect();
    let rows: Vec<(Uuid, Uuid, Uuid, Option<Uuid>, bool)> = sqlx::query_as(
        "SELECT e.workspace_group_workspace_id, g.workspace_group_id, w.workspace_id, p.people_id,
                e.deleted_at IS NULL
         FROM core_api.workspace_group_workspaces e
         JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
         JOIN core_api.workspaces w ON w.pk = e.workspace_pk
         LEFT JOIN core_api.peoples p ON p.pk = e.created_by_pk
         WHERE g.workspace_group_id = ANY ($1)",
    )
    .bind(&groups)
    .fetch_all(pool)
    .await
    .unwrap();
    let row = |(id, group, workspace, created_by, is_live)| {
        let pair = case.pair(GroupId::new(group), WorkspaceId::new(workspace));
        (EnrollmentId::new(id), StoredRow { pair, created_by, is_live, events: Vec::new() })
    };
    let mut found: BTreeMap<EnrollmentId, StoredRow> = rows.into_iter().map(row).collect();
    let events: Vec<(Uuid, String, Option<String>)> = sqlx::query_as(
        "SELECT e.workspace_group_workspace_id, v.action, v.actor_name FROM groupdesk.enrollment_events v
         JOIN core_api.workspace_group_workspaces e ON e.pk = v.workspace_group_workspace_pk
         JOIN core_api.workspace_groups g ON g.pk = v.workspace_group_pk
         WHERE g.workspace_group_id = ANY ($1) ORDER BY v.pk",
    )
    .bind(&groups)
    .fetch_all(pool)
    .await
    .unwrap();
    for (id, action, actor) in events {
        found.get_mut(&EnrollmentId::new(id)).expect("a row of the group").events.push((action, actor));
    }
    found
}

/// The indexes of the removed ones.
async fn removed(pool: &PgPool, statement: &'static str, ids: &[Uuid]) -> BTreeSet<usize> {
    let removed: Vec<Uuid> = sqlx::query_scalar(statement).bind(ids).fetch_all(pool).await.unwrap();
    removed.into_iter().map(|id| ids.iter().position(|other| *other == id).unwrap()).collect()
}

async fn removed_groups(pool: &PgPool, case: &Case) -> BTreeSet<usize> {
    let ids: Vec<Uuid> = case.groups.iter().map(|id| id.uuid()).collect();
    let statement = "SELECT workspace_group_id FROM core_api.workspace_groups
                     WHERE workspace_group_id = ANY ($1) AND deleted_at IS NOT NULL";
    removed(pool, statement, &ids).await
}

async fn removed_workspaces(pool: &PgPool, case: &Case) -> BTreeSet<usize> {
    let ids: Vec<Uuid> = case.workspaces.iter().map(|id| id.uuid()).collect();
    let statement = "SELECT workspace_id FROM core_api.workspaces
                     WHERE workspace_id = ANY ($1) AND deleted_at IS NOT NULL";
    removed(pool, statement, &ids).await
}

/// Asserts that the tables match the model.
pub(super) async fn assert_matches_model(pool: &PgPool, case: &Case, model: &Model) {
    let expected: BTreeMap<EnrollmentId, StoredRow> = model
        .rows
        .iter()
        .map(|row| {
            let event =
                |(action, actor): &(&str, Option<usize>)| ((*action).to_owned(), actor.map(person_name));
            let found = StoredRow {
                pair: row.pair,
                created_by: row.created_by.map(|person| case.people[person].id.uuid()),
                is_live: row.is_live,
                events: row.events.iter().map(event).collect(),
            };
            (row.id.expect("a row that the database created"), found)
        })
        .collect();
    assert_eq!(found(pool, case).await, expected);
    assert_eq!(removed_groups(pool, case).await, model.removed_groups);
    assert_eq!(removed_workspaces(pool, case).await, model.removed_workspaces);
    assert_consistent(pool).await;
}

/// Asserts the results of concurrent actions in any order: each row and each removal was reported once, and
/// each pair has as many enrollments as removals, or one more that is live.
pub(super) async fn assert_matches_reports(pool: &PgPool, case: &Case, reported: &[Performed]) {
    let found = found(pool, case).await;
    let enrolled: Vec<(EnrollmentId, Pair)> =
        reported.iter().flat_map(|done| done.enrolled.clone()).collect();
    let removed: Vec<EnrollmentId> = reported.iter().flat_map(|done| done.removed.clone()).collect();
    let rows = found.iter().map(|(id, row)| (*id, row.pair)).collect();
    assert_eq!(sorted(enrolled.clone()), sorted(rows));
    let ended = found.iter().filter(|(_, row)| !row.is_live).map(|(id, _)| *id).collect();
    assert_eq!(sorted(removed.clone()), sorted(ended));

    let mut left: BTreeMap<Pair, i64> = BTreeMap::new();
    for (_, pair) in &enrolled {
        *left.entry(*pair).or_default() += 1;
    }
    for id in &removed {
        *left.entry(found[id].pair).or_default() -= 1;
    }
    for (pair, left) in left {
        let live = found.values().filter(|row| row.pair == pair && row.is_live).count();
        assert!((0..=1).contains(&left), "{left} of {pair:?}");
        assert_eq!(i64::try_from(live).unwrap(), left, "{pair:?}");
    }
    let corrected = found.values().flat_map(|row| &row.events);
    let corrected = corrected.filter(|(action, _)| action == "attribution_corrected").count();
    assert_eq!(corrected, reported.iter().map(|done| done.corrected).sum::<usize>());
    assert_consistent(pool).await;
}

fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort();
    all
}

async fn assert_consistent(pool: &PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    assert_eq!(violations(&mut connection).await, Vec::<String>::new());
}
