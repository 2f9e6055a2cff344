//! Several workers and several imports at once, and changes by people while they run.

use groupdesk::platform::clock;
use groupdesk::resources::imports::model::ImportState;
use groupdesk::resources::imports::worker::{BatchOutcome, run_batch, run_worker};
use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tokio::sync::watch;

use super::{assert_enrolled_once, get, list, list_of, run, started};
use crate::support::{group, wait_until, workspaces};

#[database_test]
async fn concurrent_workers_process_each_line_once(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    workspaces(&pool, 2600).await;
    let backwards = list_of((1..=2600).rev());
    // The same list is imported twice into one group, in opposite orders, and a third import runs beside
    // them.
    let ids = [
        started(&pool, &emea, None, &list(2600)).await,
        started(&pool, &emea, None, &backwards).await,
        started(&pool, &apac, None, &list(2600)).await,
    ];
    let (stop, stopped) = watch::channel(false);
    let workers: Vec<_> =
        (0..3).map(|_| tokio::spawn(run_worker(pool.clone(), clock::system(), stopped.clone()))).collect();
    wait_until(120, "all are finished", async || {
        for id in ids {
            if get(&pool, id).await.state != ImportState::Finished {
                return false;
            }
        }
        true
    })
    .await;
    stop.send(true).unwrap();
    for worker in workers {
        worker.await.unwrap();
    }
    let counts = [get(&pool, ids[0]).await.counts, get(&pool, ids[1]).await.counts];
    assert_eq!(counts[0].enrolled + counts[1].enrolled, 2600);
    assert_eq!(counts[0].already_in + counts[1].already_in, 2600);
    assert_enrolled_once(&pool, &emea, 2600).await;
    assert_enrolled_once(&pool, &apac, 2600).await;
}

#[database_test]
async fn short_import_finishes_before_a_long_one(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 1600).await;
    let long = started(&pool, &emea, None, &list(1600)).await;
    let short = started(&pool, &group(&pool, "APAC").await, None, "w-1\n").await;
    run_batch(&pool, &clock::system(), None).await.unwrap();
    run_batch(&pool, &clock::system(), None).await.unwrap();
    assert_eq!(get(&pool, short).await.state, ImportState::Finished);
    assert_eq!(get(&pool, long).await.counts.done, 500);
}

/// The worker waits for locks only in the database, and tries a failed batch again later.
#[database_test]
async fn failed_import_is_retried_after_the_others(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    workspaces(&pool, 2).await;
    let first = started(&pool, &emea, None, "w-1\n").await;
    let second = started(&pool, &apac, None, "w-2\n").await;
    sqlx::raw_sql(
        "CREATE FUNCTION groupdesk.fails() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN IF NEW.text = 'w-1' THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$;
         CREATE TRIGGER fails BEFORE UPDATE ON groupdesk.import_lines FOR EACH ROW EXECUTE FUNCTION groupdesk.fails()",
    )
    .execute(&pool)
    .await
    .unwrap();
    assert!(run_batch(&pool, &clock::system(), None).await.is_err());
    assert!(
        matches!(run_batch(&pool, &clock::system(), None).await, Ok(BatchOutcome::Done(id, _)) if id == second)
    );
    assert_enrolled_once(&pool, &emea, 0).await;
    sqlx::raw_sql("DROP TRIGGER fails ON groupdesk.import_lines").execute(&pool).await.unwrap();
    assert!(
        matches!(run_batch(&pool, &clock::system(), None).await, Ok(BatchOutcome::Done(id, _)) if id == first)
    );
    assert_enrolled_once(&pool, &emea, 1).await;
}

/// Machines send the same list every night, and nearly all of it is enrolled already.
#[database_test]
async fn already_enrolled_lines_use_no_serial_numbers(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 700).await;
    let numbers = async || -> i64 {
        sqlx::query_scalar("SELECT last_value FROM core_api.workspace_group_workspaces_pk_seq")
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    started(&pool, &emea, None, &list(699)).await;
    run(&pool).await;
    let before = numbers().await;
    let known = started(&pool, &emea, None, &list(699)).await;
    run(&pool).await;
    assert_eq!(get(&pool, known).await.counts.already_in, 699);
    assert_eq!(numbers().await, before);
    let one_more = started(&pool, &emea, None, &list(700)).await;
    run(&pool).await;
    assert_eq!(get(&pool, one_more).await.counts.enrolled, 1);
    assert_eq!(numbers().await, before + 1);
}
