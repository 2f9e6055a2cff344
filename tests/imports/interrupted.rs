//! What an import is like after anything that stops it.

use std::time::{Duration, Instant};

use groupdesk::platform::clock;
use groupdesk::platform::db::pool as pool_of;
use groupdesk::resources::enrollment_events::model::EventActor;
use groupdesk::resources::imports::model::{CancelOutcome, ImportState, LineKind};
use groupdesk::resources::imports::ops::{import_cancel, import_claim_next};
use groupdesk::resources::imports::worker::{Turn, turn, work};
use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tokio::sync::watch;

use super::{call, each_once, get, list, run, started};
use crate::support::{group, live_count, person, within, workspaces};

/// A worker in whose middle the process ends: its connection closes, and nothing else happens.
#[database_test]
async fn what_ends_in_the_middle_of_a_batch_goes_on_at_its_beginning(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 1700).await;
    let id = started(&pool, &emea, None, &list(1700)).await;
    assert!(matches!(turn(&pool, &clock::system(), None).await.unwrap(), Turn::Done(..)));
    assert_eq!((get(&pool, id).await.counts.done, live_count(&pool).await), (500, 500));

    for patience in [0, 1, 3, 10, 30, 80] {
        // Cut off wherever it is by then.
        let other = pool_of(pool.connect_options().as_ref().clone(), 1);
        let clock = clock::system();
        let cut = tokio::time::timeout(Duration::from_millis(patience), turn(&other, &clock, None));
        let _ = cut.await;
        drop(other);
        let import = get(&pool, id).await;
        let live = live_count(&pool).await;
        assert_eq!(i64::from(import.counts.enrolled), live, "rows and lines say the same at any moment");
        each_once(&pool, &emea, live).await;
    }
    let taken_over = Instant::now();
    within(5, "it is taken over", async || {
        run(&pool).await;
        get(&pool, id).await.state == ImportState::Finished
    })
    .await;
    assert!(taken_over.elapsed() < Duration::from_secs(5));
    each_once(&pool, &emea, 1700).await;
}

#[database_test]
async fn what_one_process_holds_no_other_takes_until_it_is_gone(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 3).await;
    let id = started(&pool, &emea, None, &list(3)).await;
    let mut holder = pool.begin().await.unwrap();
    assert_eq!(import_claim_next(&mut holder, None).await.unwrap().map(|held| held.id), Some(id));
    assert_eq!(turn(&pool, &clock::system(), None).await.unwrap(), Turn::Idle);
    assert_eq!(turn(&pool, &clock::system(), Some(id)).await.unwrap(), Turn::Idle);
    let timeout: String =
        sqlx::query_scalar("SHOW idle_in_transaction_session_timeout").fetch_one(&mut *holder).await.unwrap();
    assert_eq!(timeout, "10s", "a machine that vanished does not hold it for longer");
    drop(holder);
    within(5, "it is free", async || turn(&pool, &clock::system(), None).await.unwrap() != Turn::Idle).await;
    each_once(&pool, &emea, 3).await;
}

#[database_test]
async fn told_to_stop_a_worker_ends_after_its_batch_and_the_next_goes_on(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 4000).await;
    let id = started(&pool, &emea, None, &list(4000)).await;
    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(work(pool.clone(), clock::system(), stopped));
    within(20, "it has begun", async || get(&pool, id).await.counts.done > 0).await;
    stop.send(true).unwrap();
    worker.await.unwrap();
    let stood = get(&pool, id).await;
    assert_eq!((stood.state, stood.counts.done % 500), (ImportState::Running, 0), "{stood:?}");
    assert!(stood.counts.done < 4000, "it stopped before the end");

    let (stop, stopped) = watch::channel(false);
    let worker = tokio::spawn(work(pool.clone(), clock::system(), stopped));
    within(60, "it is finished", async || get(&pool, id).await.state == ImportState::Finished).await;
    // Also where it waits for something to do.
    stop.send(true).unwrap();
    tokio::time::timeout(Duration::from_secs(5), worker).await.unwrap().unwrap();
    each_once(&pool, &emea, 4000).await;
}

#[database_test]
async fn cancelled_it_keeps_what_is_done_and_says_what_is_not(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 1100).await;
    let id = started(&pool, &emea, Some(&ana), &list(1100)).await;
    turn(&pool, &clock::system(), None).await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    let cancelled = import_cancel(&mut connection, &call(Some(&ana)), id).await.unwrap();
    assert_eq!(cancelled, CancelOutcome::Cancelled);
    assert_eq!(turn(&pool, &clock::system(), None).await.unwrap(), Turn::Idle);
    let import = get(&pool, id).await;
    assert_eq!((import.state, import.cancelled_by.as_deref()), (ImportState::Cancelled, Some("Ana Lima")));
    assert_eq!((import.counts.enrolled, import.counts.not_done()), (500, 600));
    let page = groupdesk::kernel::page::PageRequest::first(3);
    let not_done =
        groupdesk::resources::imports::ops::import_lines(&mut connection, id, Some(LineKind::NotDone), &page);
    let numbers: Vec<i32> = not_done.await.unwrap().items.iter().map(|line| line.line_number).collect();
    assert_eq!(numbers, [501, 502, 503]);
    each_once(&pool, &emea, 500).await;
}

/// Nothing is enrolled in nobody's name that somebody wanted.
#[database_test]
async fn when_who_started_it_is_deleted_it_ends(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 600).await;
    let id = started(&pool, &emea, Some(&ana), &list(600)).await;
    turn(&pool, &clock::system(), None).await.unwrap();
    sqlx::raw_sql("DELETE FROM core_api.peoples").execute(&pool).await.unwrap();
    assert_eq!(turn(&pool, &clock::system(), None).await.unwrap(), Turn::Orphaned(id));
    let import = get(&pool, id).await;
    assert_eq!((import.state, import.cancelled_by), (ImportState::Cancelled, None));
    assert_eq!(import.by, EventActor::FormerPerson("Ana Lima".to_owned()));
    assert_eq!(live_count(&pool).await, 500);
}

/// Each waits for what the other has, were it not for the order.
#[database_test]
async fn who_is_being_deleted_is_not_waited_for(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 2).await;
    let id = started(&pool, &emea, Some(&ana), &list(2)).await;
    let mut deleting = pool.begin().await.unwrap();
    sqlx::raw_sql("SELECT 1 FROM core_api.peoples FOR UPDATE").execute(&mut *deleting).await.unwrap();
    let asked = Instant::now();
    assert_eq!(turn(&pool, &clock::system(), None).await.unwrap(), Turn::Idle);
    assert!(asked.elapsed() < Duration::from_secs(1));
    sqlx::raw_sql("DELETE FROM core_api.peoples").execute(&mut *deleting).await.unwrap();
    deleting.commit().await.unwrap();
    assert_eq!(turn(&pool, &clock::system(), None).await.unwrap(), Turn::Orphaned(id));
}
