//! What the tables hold, held against the model, or against what each was told.

use std::collections::{BTreeMap, BTreeSet};

use groupdesk::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
use pretty_assertions::assert_eq;
use sqlx::PgPool;
use uuid::Uuid;

use super::book::Book;
use super::perform::{Case, Done, person_name};
use super::steps::Place;
use crate::support::violations;

/// A row as the tables have it, with what the log says of it.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    place: Place,
    created_by: Option<Uuid>,
    is_live: bool,
    events: Vec<(String, Option<String>)>,
}

async fn found(pool: &PgPool, case: &Case) -> BTreeMap<EnrollmentId, Found> {
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
        let place = case.place(GroupId::new(group), WorkspaceId::new(workspace));
        (EnrollmentId::new(id), Found { place, created_by, is_live, events: Vec::new() })
    };
    let mut found: BTreeMap<EnrollmentId, Found> = rows.into_iter().map(row).collect();
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

/// Which of these are removed, by their places.
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

/// Everything is as the model has it.
pub(super) async fn with_book(pool: &PgPool, case: &Case, book: &Book) {
    let expected: BTreeMap<EnrollmentId, Found> = book
        .rows
        .iter()
        .map(|row| {
            let event =
                |(action, actor): &(&str, Option<usize>)| ((*action).to_owned(), actor.map(person_name));
            let found = Found {
                place: row.place,
                created_by: row.created_by.map(|person| case.people[person].id.uuid()),
                is_live: row.is_live,
                events: row.events.iter().map(event).collect(),
            };
            (row.id.expect("a row that was made"), found)
        })
        .collect();
    assert_eq!(found(pool, case).await, expected);
    assert_eq!(removed_groups(pool, case).await, book.removed_groups);
    assert_eq!(removed_workspaces(pool, case).await, book.removed_workspaces);
    is_sound(pool).await;
}

/// Whoever came first: each row was told to somebody, each removal was, and of each pair as many were enrolled
/// as were removed, or one more, which is live.
pub(super) async fn with_what_was_told(pool: &PgPool, case: &Case, told: &[Done]) {
    let found = found(pool, case).await;
    let enrolled: Vec<(EnrollmentId, Place)> = told.iter().flat_map(|done| done.enrolled.clone()).collect();
    let removed: Vec<EnrollmentId> = told.iter().flat_map(|done| done.removed.clone()).collect();
    let rows = found.iter().map(|(id, row)| (*id, row.place)).collect();
    assert_eq!(sorted(enrolled.clone()), sorted(rows));
    let ended = found.iter().filter(|(_, row)| !row.is_live).map(|(id, _)| *id).collect();
    assert_eq!(sorted(removed.clone()), sorted(ended));

    let mut left: BTreeMap<Place, i64> = BTreeMap::new();
    for (_, place) in &enrolled {
        *left.entry(*place).or_default() += 1;
    }
    for id in &removed {
        *left.entry(found[id].place).or_default() -= 1;
    }
    for (place, left) in left {
        let live = found.values().filter(|row| row.place == place && row.is_live).count();
        assert!((0..=1).contains(&left), "{left} of {place:?}");
        assert_eq!(i64::try_from(live).unwrap(), left, "{place:?}");
    }
    let corrected = found.values().flat_map(|row| &row.events);
    let corrected = corrected.filter(|(action, _)| action == "attribution_corrected").count();
    assert_eq!(corrected, told.iter().map(|done| done.corrected).sum::<usize>());
    is_sound(pool).await;
}

fn sorted<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort();
    all
}

async fn is_sound(pool: &PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    assert_eq!(violations(&mut connection).await, Vec::<String>::new());
}
