//! Several workers, several imports, and people who click meanwhile.

use groupdesk::platform::clock;
use groupdesk::resources::imports::model::ImportState;
use groupdesk::resources::imports::worker::{Turn, turn, work};
use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tokio::sync::watch;

use super::{each_once, get, list, list_of, run, started};
use crate::support::{group, within, workspaces};

#[database_test]
async fn several_workers_do_each_line_once(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    workspaces(&pool, 2600).await;
    let backwards = list_of((1..=2600).rev());
    // Twice the same list into one group, in opposite orders, and another beside it.
    let ids = [
        started(&pool, &emea, None, &list(2600)).await,
        started(&pool, &emea, None, &backwards).await,
        started(&pool, &apac, None, &list(2600)).await,
    ];
    let (stop, stopped) = watch::channel(false);
    let workers: Vec<_> =
        (0..3).map(|_| tokio::spawn(work(pool.clone(), clock::system(), stopped.clone()))).collect();
    within(120, "all are finished", async || {
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
    each_once(&pool, &emea, 2600).await;
    each_once(&pool, &apac, 2600).await;
}

#[database_test]
async fn a_short_import_does_not_wait_for_the_end_of_a_long_one(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 1600).await;
    let long = started(&pool, &emea, None, &list(1600)).await;
    let short = started(&pool, &group(&pool, "APAC").await, None, "w-1\n").await;
    turn(&pool, &clock::system(), None).await.unwrap();
    turn(&pool, &clock::system(), None).await.unwrap();
    assert_eq!(get(&pool, short).await.state, ImportState::Finished);
    assert_eq!(get(&pool, long).await.counts.done, 500);
}

/// What stands in its way is waited for in the database alone, and what it cannot do it tries again.
#[database_test]
async fn one_that_fails_is_tried_again_and_lets_others_go_first(pool: PgPool) {
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
    assert!(turn(&pool, &clock::system(), None).await.is_err());
    assert!(matches!(turn(&pool, &clock::system(), None).await, Ok(Turn::Done(id, _)) if id == second));
    each_once(&pool, &emea, 0).await;
    sqlx::raw_sql("DROP TRIGGER fails ON groupdesk.import_lines").execute(&pool).await.unwrap();
    assert!(matches!(turn(&pool, &clock::system(), None).await, Ok(Turn::Done(id, _)) if id == first));
    each_once(&pool, &emea, 1).await;
}

/// As a machine does every night, nearly always for nothing.
#[database_test]
async fn a_list_of_what_is_enrolled_uses_up_no_number_of_the_serial_key(pool: PgPool) {
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
