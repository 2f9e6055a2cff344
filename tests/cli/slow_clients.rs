//! Slow clients and oversized heads are disconnected, and other clients are served at the same time.

use std::time::{Duration, Instant};

use sqlx::PgPool;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Server, database_url};

/// Everything that arrives until the server closes the connection, and the duration.
async fn until_closed(stream: &mut TcpStream) -> (String, Duration) {
    let began = Instant::now();
    let mut bytes = Vec::new();
    // A reset is an end, too.
    let read = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes)).await;
    assert!(read.is_ok(), "the server still waits after 30 s");
    (String::from_utf8_lossy(&bytes).into_owned(), began.elapsed())
}

async fn answer_to(server: &Server, head: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    until_closed(&mut stream).await.0
}

#[database_test]
async fn incomplete_head_times_out(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--database-url", &database_url(&pool)]).await;
    let mut silent = TcpStream::connect(&server.address).await.unwrap();
    let mut dripping = TcpStream::connect(&server.address).await.unwrap();
    dripping.write_all(b"GET /healthz HTTP/1.1\r\nHost: desk\r\nX-Slow: ").await.unwrap();
    let (_, mut drip) = {
        let (read, write) = dripping.split();
        (read, write)
    };
    let dripped = async {
        while drip.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    let ((_, waited), dripped) =
        tokio::join!(until_closed(&mut silent), tokio::time::timeout(Duration::from_secs(30), dripped));
    assert!(dripped.is_ok(), "a client that sends single bytes is not disconnected");
    assert!(waited > Duration::from_secs(5), "{waited:?}: slow networks need more time");
    assert!(reqwest::get(server.url("/healthz")).await.unwrap().status().is_success());
}

#[database_test]
async fn head_size_is_limited(pool: PgPool) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &["--database-url", &database_url(&pool)]).await;
    let long = format!("GET /healthz HTTP/1.1\r\nHost: desk\r\nX-Long: {}\r\n\r\n", "a".repeat(64 * 1024));
    assert!(answer_to(&server, &long).await.starts_with("HTTP/1.1 431 "));
    let many = format!("GET /healthz HTTP/1.1\r\nHost: desk\r\n{}\r\n", "X: 1\r\n".repeat(200));
    assert!(answer_to(&server, &many).await.starts_with("HTTP/1.1 431 "));
    let fits = format!(
        "GET /healthz HTTP/1.1\r\nHost: desk\r\nConnection: close\r\nX-Long: {}\r\n\r\n",
        "a".repeat(16 * 1024)
    );
    assert!(answer_to(&server, &fits).await.starts_with("HTTP/1.1 200 "));
}
