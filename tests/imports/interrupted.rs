//! An import keeps its promises after any kind of interruption.

use std::time::{Duration, Instant};

use groupdesk::platform::clock;
use groupdesk::platform::db::pool as pool_of;
use groupdesk::resources::enrollment_events::model::EventActor;
use groupdesk::resources::imports::model::{ImportState, LineKind};
use groupdesk::resources::imports::ops::{import_cancel, import_claim_next};
use groupdesk::resources::imports::worker::{BatchOutcome, run_batch, run_worker};
use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tokio::sync::watch;

use super::{assert_enrolled_once, call, get, list, run, started};
use crate::support::{group, live_count, person, wait_until, workspaces};

/// A worker whose process ends in the middle of a batch: its connection closes, and nothing else happens.
#[database_test]
async fn interrupted_batch_is_repeated_from_its_start(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 1700).await;
    let id = started(&pool, &emea, None, &list(1700)).await;
    assert!(matches!(run_batch(&pool, &clock::system(), None).await.unwrap(), BatchOutcome::Done(..)));
    assert_eq!((get(&pool, id).await.counts.done, live_count(&pool).await), (500, 500));

    for millis in [0, 1, 3, 10, 30, 80] {
        // The batch is cut off wherever it is by then.
        let other = pool_of(pool.connect_options().as_ref().clone(), 1);
        let clock = clock::system();
        let cut = tokio::time::timeout(Duration::from_millis(millis), run_batch(&other, &clock, None));
        let _ = cut.await;
        drop(other);
        let import = get(&pool, id).await;
        let live = live_count(&pool).await;
        assert_eq!(i64::from(import.counts.enrolled), live, "rows and lines agree at any moment");
        assert_enrolled_once(&pool, &emea, live).await;
    }
    let taken_over = Instant::now();
    wait_until(5, "the import is finished", async || {
        run(&pool).await;
        get(&pool, id).await.state == ImportState::Finished
    })
    .await;
    assert!(taken_over.elapsed() < Duration::from_secs(5));
    assert_enrolled_once(&pool, &emea, 1700).await;
}

#[database_test]
async fn claimed_import_is_exclusive_until_its_process_ends(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 3).await;
    let id = started(&pool, &emea, None, &list(3)).await;
    let mut holder = pool.begin().await.unwrap();
    assert_eq!(import_claim_next(&mut holder, None).await.unwrap().map(|held| held.id), Some(id));
    assert_eq!(run_batch(&pool, &clock::system(), None).await.unwrap(), BatchOutcome::Idle);
    assert_eq!(run_batch(&pool, &clock::system(), Some(id)).await.unwrap(), BatchOutcome::Idle);
    let timeout: String =
        sqlx::query_scalar("SHOW idle_in_transaction_session_timeout").fetch_one(&mut *holder).await.unwrap();
    assert_eq!(timeout, "10s", "a lost machine holds the import for 10 s at most");
    drop(holder);
    wait_until(5, "the import is free", async || {
        run_batch(&pool, &clock::system(), None).await.unwrap() != BatchOutcome::Idle
    })
    .await;
    assert_enrolled_once(&pool, &emea, 3).await;
}

#[database_test]
async fn stopped_worker_finishes_its_batch_and_the_next_continues(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 4000).await;
    let id = started(&pool, &emea, None, &list(4000)).await;
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(run_worker(pool.clone(), clock::system(), stopped));
    wait_until(20, "the import has begun", async || get(&pool, id).await.counts.done > 0).await;
    stop.send(true).unwrap();
    worker.await.unwrap();
    let stopped_at = get(&pool, id).await;
    assert_eq!((stopped_at.state, stopped_at.counts.done % 500), (ImportState::Running, 0), "{stopped_at:?}");
    assert!(stopped_at.counts.done < 4000, "the worker stopped before the end");

    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(run_worker(pool.clone(), clock::system(), stopped));
    wait_until(60, "the import is finished", async || get(&pool, id).await.state == ImportState::Finished)
        .await;
    // A worker that waits for something to do stops, too.
    stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(5), worker).await.unwrap().unwrap();
    assert_enrolled_once(&pool, &emea, 4000).await;
}

#[database_test]
async fn cancelled_import_keeps_and_reports_what_is_done(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 1100).await;
    let id = started(&pool, &emea, Some(&ana), &list(1100)).await;
    run_batch(&pool, &clock::system(), None).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    assert!(import_cancel(&mut connection, &call(Some(&ana)), id).await.unwrap());
    assert_eq!(run_batch(&pool, &clock::system(), None).await.unwrap(), BatchOutcome::Idle);
    let import = get(&pool, id).await;
    assert_eq!((import.state, import.cancelled_by.as_deref()), (ImportState::Cancelled, Some("Ana Lima")));
    assert_eq!((import.counts.enrolled, import.counts.not_done()), (500, 600));
    let page = groupdesk::kernel::page::PageRequest::first(3);
    let not_done =
        groupdesk::resources::imports::ops::import_lines(&mut connection, id, Some(LineKind::NotDone), &page);
    let numbers: Vec<i32> = not_done.await.unwrap().items.iter().map(|line| line.line_number).collect();
    assert_eq!(numbers, [501, 502, 503]);
    assert_enrolled_once(&pool, &emea, 500).await;
}

/// The rest of the list must not be enrolled without the creator that was intended.
#[database_test]
async fn import_ends_when_its_creator_is_deleted(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 600).await;
    let id = started(&pool, &emea, Some(&ana), &list(600)).await;
    run_batch(&pool, &clock::system(), None).await.unwrap();
    sqlx::raw_sql("DELETE FROM core_api.peoples").execute(&pool).await.unwrap();
    assert_eq!(run_batch(&pool, &clock::system(), None).await.unwrap(), BatchOutcome::Orphaned(id));
    let import = get(&pool, id).await;
    assert_eq!((import.state, import.cancelled_by), (ImportState::Cancelled, None));
    assert_eq!(import.by, EventActor::FormerPerson("Ana Lima".to_owned()));
    assert_eq!(live_count(&pool).await, 500);
}

/// The worker skips the import. Otherwise it and the deletion would wait for each other.
#[database_test]
async fn worker_does_not_wait_for_a_deletion_of_the_creator(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 2).await;
    let id = started(&pool, &emea, Some(&ana), &list(2)).await;
    let mut deleting = pool.begin().await.unwrap();
    sqlx::raw_sql("SELECT 1 FROM core_api.peoples FOR UPDATE").execute(&mut *deleting).await.unwrap();
    let started_at = Instant::now();
    assert_eq!(run_batch(&pool, &clock::system(), None).await.unwrap(), BatchOutcome::Idle);
    assert!(started_at.elapsed() < Duration::from_secs(1));
    sqlx::raw_sql("DELETE FROM core_api.peoples").execute(&mut *deleting).await.unwrap();
    deleting.commit().await.unwrap();
    assert_eq!(run_batch(&pool, &clock::system(), None).await.unwrap(), BatchOutcome::Orphaned(id));
}
