//! `groupdesk migrate`

use std::fs::File;
use std::time::Duration;

use groupdesk::platform::db::migrate::MIGRATIONS;
use pretty_assertions::assert_eq;
use sqlx::migrate::Migrate as _;
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use tempfile::TempDir;
use tokio::process::Child;

use crate::support::{database_url, groupdesk, run, wait_until};

#[database_test(empty)]
async fn migrate_lists_applied_migrations(pool: PgPool) {
    let url = database_url(&pool);
    let first = run(&["migrate", "--database-url", &url]).await;
    assert_eq!(first.status, 0, "{first:?}");
    let expected: Vec<String> = MIGRATIONS
        .iter()
        .map(|migration| format!("applied {} {}", migration.version, migration.description))
        .collect();
    assert_eq!(first.out.lines().collect::<Vec<_>>(), expected);

    let second = run(&["migrate", "--database-url", &url]).await;
    assert_eq!((second.status, second.out.as_str()), (0, "nothing to apply\n"));
}

/// Starts a command that waits for a lock of this connection, and waits until it says so.
async fn waiting(
    command: &[&str],
    pool: &PgPool,
    blocker: &mut PoolConnection<Postgres>,
) -> (Child, TempDir) {
    let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut **blocker).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let child = groupdesk(&[command, &["--database-url", &database_url(pool)]].concat())
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let expected = format!("waiting: process {pid} of the database");
    wait_until(20, "the command names the blocking process", async || {
        std::fs::read_to_string(&log).unwrap().contains(&expected)
    })
    .await;
    (child, folder)
}

async fn assert_success((mut child, folder): (Child, TempDir)) {
    let ended =
        tokio::time::timeout(Duration::from_secs(20), child.wait()).await.expect("the command continues");
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert_eq!(ended.unwrap().code(), Some(0), "{log}");
}

#[database_test]
async fn command_waits_for_another_migration_and_names_it(pool: PgPool) {
    for command in [&["operator", "list"][..], &["migrate", "--check"]] {
        let mut other = pool.acquire().await.unwrap();
        other.lock().await.unwrap();
        let waiting = waiting(command, &pool, &mut other).await;
        other.unlock().await.unwrap();
        assert_success(waiting).await;
    }
}

#[database_test]
async fn command_names_the_holder_of_a_table_lock(pool: PgPool) {
    let mut other = pool.acquire().await.unwrap();
    let lock = "BEGIN; LOCK TABLE groupdesk._sqlx_migrations IN ACCESS EXCLUSIVE MODE";
    sqlx::raw_sql(lock).execute(&mut *other).await.unwrap();
    let waiting = waiting(&["operator", "list"], &pool, &mut other).await;
    sqlx::raw_sql("ROLLBACK").execute(&mut *other).await.unwrap();
    assert_success(waiting).await;
}
