//! SIGTERM: what is running finishes, and what would run for ever ends.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Hearing, PASSWORD, Server, database_url, groupdesk, operator, within};

#[database_test]
async fn an_open_page_does_not_keep_the_server_from_stopping(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let url = database_url(&pool);
    let mut server = Server::start(folder.path(), &["--database-url", &url]).await;
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let browser = reqwest::Client::builder().cookie_store(true).build().unwrap();
    let sign_in = browser.post(server.url("/api/fn/sign-in")).header("sec-fetch-site", "same-origin");
    let form = [("email", "ana@example.com"), ("password", PASSWORD)];
    let signed_in = sign_in.header("accept", "text/html").form(&form).send().await.unwrap();
    assert_eq!(signed_in.url().path(), "/");
    let mut page = Hearing::of(browser.get(server.url("/live?topic=groups")).send().await.unwrap());

    let asked = Instant::now();
    server.signal(Signal::SIGTERM);

    assert_eq!(page.within(5.0).await, None);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

/// Also while migrations wait for another process, which may take long.
#[database_test(empty)]
async fn a_server_that_does_not_serve_yet_stops_too(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    // What creates the schema waits for whoever else does.
    let mut other = pool.begin().await.unwrap();
    sqlx::raw_sql("CREATE SCHEMA groupdesk").execute(&mut *other).await.unwrap();
    let url = database_url(&pool);
    let mut server = groupdesk(&["serve", "--listen", "127.0.0.1:0", "--database-url", &url])
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    within(20, "it waits", async || {
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
    assert_eq!(ended.expect("it stops").unwrap().code(), Some(0), "{log}");
    other.rollback().await.unwrap();
}
