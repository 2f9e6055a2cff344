//! Connections that requests hand to each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use groupdesk::platform::db::availability::Database;
use groupdesk::platform::db::lending_pool::LentConnection;
use pretty_assertions::assert_eq;
use sqlx::postgres::PgPoolOptions;
use sqlx::{Connection as _, PgPool};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::wait_until;

const WAIT: Duration = Duration::from_secs(5);
/// Longer than a connection is kept.
const KEPT_FOR: Duration = Duration::from_millis(150);

/// A database with a pool of this size, and how often a connection has returned to the pool.
fn database(pool: &PgPool, max_connections: u32) -> (Database, Arc<AtomicU32>) {
    let returned = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&returned);
    let pool = PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(WAIT)
        .after_release(move |_, _| {
            counter.fetch_add(1, Ordering::SeqCst);
            Box::pin(async { Ok(true) })
        })
        .connect_lazy_with(pool.connect_options().as_ref().clone());
    (Database::of(pool), returned)
}

async fn process(connection: &mut LentConnection) -> i32 {
    sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut **connection).await.unwrap()
}

#[database_test]
async fn a_connection_is_handed_over_without_the_pool(pool: PgPool) {
    let (database, returned) = database(&pool, 4);
    let mut first = database.lend().await.unwrap();
    let used = process(&mut first).await;
    first.hand_over();
    let mut second = database.lend().await.unwrap();
    assert_eq!((process(&mut second).await, returned.load(Ordering::SeqCst)), (used, 0));

    drop(second);
    wait_until(5, "a dropped connection returns to the pool", async || returned.load(Ordering::SeqCst) == 1)
        .await;
    database.close().await;
}

#[database_test]
async fn a_connection_returns_to_the_pool_after_a_while(pool: PgPool) {
    let (database, returned) = database(&pool, 4);
    let connection = database.lend().await.unwrap();
    tokio::time::sleep(KEPT_FOR).await;
    connection.hand_over();
    wait_until(5, "one that was used for long returns", async || returned.load(Ordering::SeqCst) == 1).await;
    database.lend().await.unwrap().hand_over();
    tokio::time::sleep(KEPT_FOR).await;
    drop(database.lend().await.unwrap());
    wait_until(5, "one that was free for long is not lent", async || returned.load(Ordering::SeqCst) == 3)
        .await;
    database.close().await;
}

/// The statement is sent with the next one, so the connection would hold its locks until then.
#[database_test]
async fn a_connection_with_a_dropped_transaction_returns_to_the_pool(pool: PgPool) {
    let (database, returned) = database(&pool, 4);
    let mut connection = database.lend().await.unwrap();
    let transaction = connection.begin().await.unwrap();
    drop(transaction);
    connection.hand_over();
    wait_until(5, "it returns", async || returned.load(Ordering::SeqCst) == 1).await;
    database.close().await;
}

#[database_test]
async fn no_request_waits_while_a_connection_is_free(pool: PgPool) {
    let (database, _) = database(&pool, 2);
    let (one, other) = (database.lend().await.unwrap(), database.lend().await.unwrap());
    let waiting = tokio::spawn({
        let database = database.clone();
        async move { timeout(WAIT, database.lend()).await.is_ok_and(|lent| lent.is_ok()) }
    });
    tokio::time::sleep(Duration::from_millis(50)).await;
    one.hand_over();
    assert!(waiting.await.unwrap(), "the waiting request gets the connection that is handed over");
    other.hand_over();
    drop(database.lend().await.unwrap());
    database.close().await;
}

#[database_test]
async fn users_of_the_pool_wait_only_shortly_for_busy_requests(pool: PgPool) {
    let (database, _) = database(&pool, 2);
    let mut requests = JoinSet::new();
    for _ in 0..2 {
        let database = database.clone();
        requests.spawn(async move {
            loop {
                let connection = database.lend().await.unwrap();
                tokio::time::sleep(Duration::from_millis(5)).await;
                connection.hand_over();
            }
        });
    }
    tokio::time::sleep(KEPT_FOR).await;
    for _ in 0..5 {
        let acquired = timeout(Duration::from_millis(500), database.current().acquire()).await;
        assert!(acquired.is_ok(), "a user of the pool waits for long");
    }
    requests.shutdown().await;
    database.close().await;
}

#[database_test]
async fn a_free_connection_is_left_to_a_user_of_the_pool(pool: PgPool) {
    let (database, _) = database(&pool, 1);
    database.lend().await.unwrap().hand_over();
    let acquired = timeout(Duration::from_millis(500), database.current().acquire()).await;
    assert!(acquired.is_ok());
    drop(acquired);
    database.close().await;
}

#[database_test]
async fn free_connections_do_not_delay_the_end(pool: PgPool) {
    let (database, _) = database(&pool, 2);
    let lent = database.lend().await.unwrap();
    database.lend().await.unwrap().hand_over();
    let closing = tokio::spawn({
        let database = database.clone();
        async move { timeout(Duration::from_secs(1), database.close()).await.is_ok() }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    lent.hand_over();
    assert!(closing.await.unwrap());
    assert_eq!(database.current().size(), 0);
}
