//! SIGTERM: running requests finish, and endless responses end.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{PASSWORD, Server, SseClient, database_url, groupdesk, operator, wait_until};

#[database_test]
async fn open_pages_do_not_prevent_shutdown(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let url = database_url(&pool);
    let mut server = Server::start(folder.path(), &["--database-url", &url]).await;
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let browser = reqwest::Client::builder().cookie_store(true).build().unwrap();
    let sign_in = browser.post(server.url("/api/fn/sign-in")).header("sec-fetch-site", "same-origin");
    let form = [("email", "ana@example.com"), ("password", PASSWORD)];
    let signed_in = sign_in.header("accept", "text/html").form(&form).send().await.unwrap();
    assert_eq!(signed_in.url().path(), "/");
    let mut page =
        SseClient::from_response(browser.get(server.url("/live?topic=groups")).send().await.unwrap());

    let started = Instant::now();
    server.signal(Signal::SIGTERM);

    assert_eq!(page.next_within(5.0).await, None);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

/// Migrations may wait for another process for a long time.
#[database_test(empty)]
async fn server_can_be_stopped_during_migrations(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    // Creating the schema waits for the other transaction.
    let mut other = pool.begin().await.unwrap();
    sqlx::raw_sql("CREATE SCHEMA groupdesk").execute(&mut *other).await.unwrap();
    let url = database_url(&pool);
    let mut server = groupdesk(&["serve", "--listen", "127.0.0.1:0", "--database-url", &url])
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    wait_until(20, "the command waits", async || {
        let waiting = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted AND database IS NOT NULL
             AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database()))
             OR EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
                        AND wait_event_type = 'Lock')";
        sqlx::query_scalar(waiting).fetch_one(&pool).await.unwrap()
    })
    .await;
    let id = i32::try_from(server.id().unwrap()).unwrap();
    kill(Pid::from_raw(id), Signal::SIGTERM).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), server.wait()).await;
    let log = std::fs::read_to_string(&log).unwrap();
    assert_eq!(ended.expect("the server stops").unwrap().code(), Some(0), "{log}");
    other.rollback().await.unwrap();
}
