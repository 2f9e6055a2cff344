//! Connections that requests hand to each other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use groupdesk::platform::db::availability::Database;
use groupdesk::platform::db::lending_pool::LentConnection;
use pretty_assertions::assert_eq;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::time::timeout;

use crate::support::wait_until;

const WAIT: Duration = Duration::from_secs(5);

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
async fn a_connection_returns_to_the_pool_once_a_second(pool: PgPool) {
    let (database, returned) = database(&pool, 4);
    let connection = database.lend().await.unwrap();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    connection.hand_over();
    wait_until(5, "an older one returns", async || returned.load(Ordering::SeqCst) == 1).await;
    database.lend().await.unwrap().hand_over();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    drop(database.lend().await.unwrap());
    wait_until(5, "an unused one returns before it is lent", async || returned.load(Ordering::SeqCst) == 3)
        .await;
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
    tokio::time::sleep(Duration::from_millis(100)).await;
    one.hand_over();
    assert!(waiting.await.unwrap(), "the waiting request gets the connection that is handed over");
    other.hand_over();
    drop(database.lend().await.unwrap());
    database.close().await;
}

#[database_test]
async fn half_of_the_connections_are_left_to_users_of_the_pool(pool: PgPool) {
    let (database, returned) = database(&pool, 2);
    let (one, other) = (database.lend().await.unwrap(), database.lend().await.unwrap());
    one.hand_over();
    other.hand_over();
    drop(database.current().acquire().await.unwrap());
    assert!(returned.load(Ordering::SeqCst) >= 1);

    let closed = timeout(Duration::from_secs(1), database.close()).await;
    assert!(closed.is_ok(), "free connections do not delay the end");
    assert_eq!(database.current().size(), 0);
}
