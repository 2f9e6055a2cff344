//! Large restores and undos, which are imports of planned changes.

use std::fmt::Write as _;

use groupdesk::kernel::id::{ChangeSetId, GroupId, ImportId, WorkspaceId};
use groupdesk::kernel::problem::Problem;
use groupdesk::platform::clock;
use groupdesk::platform::failure::Failure;
use groupdesk::resources::change_sets::model::{AT_ONCE_MAX, ChangeSet};
use groupdesk::resources::change_sets::ops::change_set_get;
use groupdesk::resources::enrollment_events::model::origin::ChangeOrigin;
use groupdesk::resources::enrollments::ops::{enrollment_ensure_all, enrollment_ensure_none};
use groupdesk::resources::flows::restore::group_restore_or_queue;
use groupdesk::resources::flows::undo::{Undone, change_set_undo_or_queue};
use groupdesk::resources::imports::model::{ImportCounts, ImportMode, ImportState};
use groupdesk::resources::imports::ops::import_cancel;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use super::{call, get, run, started};
use crate::support::{group, live_count, violations, workspaces};

const NUMBER: usize = AT_ONCE_MAX + 2;

/// A group with more workspaces than are changed at once, and the import that enrolled them.
async fn large_group(pool: &PgPool) -> (String, ChangeSetId) {
    let emea = group(pool, "EMEA").await;
    workspaces(pool, NUMBER.try_into().unwrap()).await;
    let mut list = String::new();
    for number in 1..=NUMBER {
        writeln!(list, "w-{number}").unwrap();
    }
    let import = started(pool, &emea, None, &list).await;
    run(pool).await;
    assert_eq!(live_count(pool).await, i64::try_from(NUMBER).unwrap());
    (emea, ChangeSetId::new(import.uuid()))
}

async fn id_of(pool: &PgPool, external_id: &str) -> WorkspaceId {
    let query = sqlx::query_scalar::<_, uuid::Uuid>(
        "SELECT workspace_id FROM core_api.workspaces WHERE external_workspace_id = $1",
    );
    query.bind(external_id).fetch_one(pool).await.unwrap().into()
}

async fn undo(pool: &PgPool, id: ChangeSetId) -> Result<Undone, Failure> {
    let mut transaction = pool.begin().await.unwrap();
    let undone = change_set_undo_or_queue(&mut transaction, &call(None), id, None).await?;
    transaction.commit().await.unwrap();
    Ok(undone)
}

async fn queued(pool: &PgPool, id: ChangeSetId) -> ImportId {
    match undo(pool, id).await.unwrap() {
        Undone::Queued(_, import) => import,
        Undone::AtOnce(summary) => panic!("{summary:?}"),
    }
}

async fn change_set(pool: &PgPool, import: ImportId) -> ChangeSet {
    change_set_get(&mut pool.acquire().await.unwrap(), ChangeSetId::new(import.uuid())).await.unwrap()
}

async fn execute(pool: &PgPool, statement: &str) {
    sqlx::raw_sql(statement).execute(pool).await.unwrap();
}

#[database_test]
async fn large_undo_runs_as_an_import_and_leaves_alone_what_has_changed_since(pool: PgPool) {
    let (emea, enrolled) = large_group(&pool).await;
    let number = i32::try_from(NUMBER).unwrap();
    let undo_of_import = queued(&pool, enrolled).await;
    let import = get(&pool, undo_of_import).await;
    assert_eq!((import.state, import.mode), (ImportState::Queued, ImportMode::Undo));
    assert_eq!(import.counts, ImportCounts { lines: number, ..ImportCounts::default() });
    assert_eq!(live_count(&pool).await, i64::from(number), "nothing is changed before the worker runs");

    let refused = undo(&pool, enrolled).await;
    assert!(matches!(refused, Err(Failure::Problem(Problem::ImportUnderWay(_)))), "{refused:?}");

    // Somebody removes a workspace and enrolls it again: the undo does not know this enrollment.
    let (group, seven, nine) = (emea.parse().unwrap(), id_of(&pool, "w-7").await, id_of(&pool, "w-9").await);
    let mut connection = pool.acquire().await.unwrap();
    enrollment_ensure_none(&mut connection, &call(None), group, &[seven]).await.unwrap();
    enrollment_ensure_all(&mut connection, &call(None), group, &[seven]).await.unwrap();
    run(&pool).await;
    let import = get(&pool, undo_of_import).await;
    assert_eq!(import.state, ImportState::Finished);
    let removed = number - 1;
    let expected =
        ImportCounts { lines: number, done: number, removed, not_in: 1, ..ImportCounts::default() };
    assert_eq!((import.counts, live_count(&pool).await), (expected, 1));
    let set = change_set(&pool, undo_of_import).await;
    assert_eq!((set.origin, set.counts.removed), (Some(ChangeOrigin::Undo(enrolled)), removed.into()));

    let again = queued(&pool, ChangeSetId::new(undo_of_import.uuid())).await;
    let refused = undo(&pool, ChangeSetId::new(again.uuid())).await;
    assert!(refused.is_err(), "{refused:?}");
    // Others enroll a workspace and remove it again, so they have decided about it.
    enrollment_ensure_all(&mut connection, &call(None), group, &[nine]).await.unwrap();
    enrollment_ensure_none(&mut connection, &call(None), group, &[nine]).await.unwrap();
    run(&pool).await;
    let counts = get(&pool, again).await.counts;
    assert_eq!((counts.enrolled, counts.not_in), (removed - 1, 1));
    assert_eq!(live_count(&pool).await, i64::from(number) - 1);
    let found = violations(&mut pool.acquire().await.unwrap()).await;
    assert_eq!(found, Vec::<String>::new());
}

#[database_test]
async fn cancelled_undo_that_changed_nothing_is_not_shown(pool: PgPool) {
    let (_, enrolled) = large_group(&pool).await;
    let undo = queued(&pool, enrolled).await;
    import_cancel(&mut pool.acquire().await.unwrap(), &call(None), undo).await.unwrap();
    let set = change_set(&pool, ImportId::new(enrolled.uuid())).await;
    assert_eq!(set.undone_by, []);
    queued(&pool, enrolled).await;
    run(&pool).await;
    assert_eq!(change_set(&pool, ImportId::new(enrolled.uuid())).await.undone_by.len(), 1);
}

#[database_test]
async fn large_restore_runs_as_an_import(pool: PgPool) {
    let before = clock::system().now();
    let (emea, _) = large_group(&pool).await;
    let group: GroupId = emea.parse().unwrap();
    let restore = async || {
        let mut transaction = pool.begin().await.unwrap();
        let done = group_restore_or_queue(&mut transaction, &call(None), (group, before), None).await?;
        transaction.commit().await.unwrap();
        Ok::<_, Failure>(done)
    };
    execute(
        &pool,
        "INSERT INTO groupdesk.group_settings (workspace_group_pk, reason_policy, reason_above)
         SELECT pk, 'required_above', 5000 FROM core_api.workspace_groups",
    )
    .await;
    let refused = restore().await;
    assert!(matches!(refused, Err(Failure::Problem(Problem::ReasonRequired { .. }))), "{refused:?}");
    execute(&pool, "UPDATE groupdesk.group_settings SET reason_policy = 'off', reason_above = NULL").await;

    let (plan, import) = restore().await.unwrap();
    assert_eq!((plan.counts.enroll, plan.counts.remove), (0, NUMBER));
    run(&pool).await;
    let import = get(&pool, import.unwrap()).await;
    assert_eq!((import.mode, import.state), (ImportMode::Restore, ImportState::Finished));
    assert_eq!((import.counts.changes(), live_count(&pool).await), (i32::try_from(NUMBER).unwrap(), 0));
    let set = change_set(&pool, import.id).await;
    assert_eq!(set.origin, Some(ChangeOrigin::Restore(before)));
    let (plan, import) = restore().await.unwrap();
    assert_eq!((plan.counts.remove, import), (0, None), "nothing is left to do");
}
