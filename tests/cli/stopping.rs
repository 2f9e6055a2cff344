//! SIGTERM: what is running finishes, and what would run for ever ends.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Hearing, PASSWORD, Server, database_url, operator};

#[sqlx::test(migrations = false)]
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
