//! Request bodies that are not valid documents.

use std::time::Duration;

use pretty_assertions::assert_eq;
use reqwest::Method;
use sqlx::PgPool;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Answer, ApiClient, JSON_API, TestApp, enrollment, group, row_count, workspace};

async fn post_body(api: &ApiClient, body: impl Into<reqwest::Body>) -> Answer {
    Answer::read(
        api.request(Method::POST, "/v1/workspace-group-workspaces")
            .header("content-type", JSON_API)
            .body(body),
    )
    .await
}

#[database_test]
async fn invalid_json_is_400(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let good = enrollment(&emea, &acme).to_string();
    let twice = good.replacen("{\"data\":", "{\"data\":{},\"data\":", 1);
    let twice_inside = good.replacen("\"type\":", "\"type\":\"x\",\"type\":", 1);
    assert!(twice != good && twice_inside != good);
    let deep = |levels: usize| {
        let nested = format!("{}1{}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        good.replacen('{', &format!("{{\"meta\":{{\"nested\":{nested}}},"), 1)
    };
    for body in [
        String::new().into_bytes(),
        b"{".to_vec(),
        b"nothing".to_vec(),
        format!("{good}{good}").into_bytes(),
        good.replace('"', "'").into_bytes(),
        twice.into_bytes(),
        twice_inside.into_bytes(),
        // The root is the first level, and meta the second, so 30 nested arrays reach level 32.
        deep(32).into_bytes(),
        deep(100_000).into_bytes(),
        good.replace("workspace_group_workspace", "caf\u{e9}")
            .bytes()
            .map(|byte| if byte == 0xc3 { 0xff } else { byte })
            .collect(),
        format!("\u{feff}{good}").into_bytes(),
    ] {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = post_body(&api, body).await;
        assert_eq!(answer.status, 400, "{shown}");
        assert_eq!(answer.errors()[0].1, "INVALID_JSON", "{shown}");
    }
    assert_eq!(row_count(&pool).await, 0);
    assert_eq!(post_body(&api, deep(31)).await.status, 201);
}

#[database_test]
async fn body_over_one_mebibyte_is_413(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let good = enrollment(&emea, &acme).to_string();
    let padded = |length: usize| format!("{good}{}", " ".repeat(length - good.len()));

    let answer = post_body(&api, padded(1024 * 1024 + 1)).await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.errors()[0].1, "PAYLOAD_TOO_LARGE");
    assert_eq!(row_count(&pool).await, 0);
    assert_eq!(post_body(&api, padded(1024 * 1024)).await.status, 201);
}

/// A client that sends less than it announced gets a client error, not a server error.
#[database_test]
async fn missing_body_is_408(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let head = |method: &str, path: &str, framing: &str, begin: &str| {
        format!(
            "{method} {path} HTTP/1.1\r\nHost: app\r\nAuthorization: Bearer {}\r\n\
             Content-Type: {JSON_API}\r\n{framing}\r\n\r\n{begin}",
            api.token()
        )
    };
    let answers = [
        head("POST", "/v1/workspaces", "Content-Length: 500", "{\"data\":"),
        head("POST", "/v1/workspaces", "Content-Length: 500", ""),
        head("POST", "/v1/workspaces", "Content-Length: 500\r\nIdempotency-Key: k", "{"),
        head("POST", "/v1/workspaces", "Transfer-Encoding: chunked", "3\r\n{ }\r\n"),
        // The announced length exceeds the limit.
        head("POST", "/v1/workspaces", "Content-Length: 5000000", "{"),
        head("DELETE", "/v1/workspaces/00000000-0000-4000-8000-000000000000", "Content-Length: 500", "{"),
    ]
    .map(|request| {
        let address = app.url("").trim_start_matches("http://").to_owned();
        async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            let read = tokio::time::timeout(Duration::from_secs(40), stream.read_to_string(&mut answer));
            read.await.expect("a response and the end of the connection").unwrap();
            answer
        }
    });
    for answer in futures::future::join_all(answers).await {
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("\"REQUEST_TIMEOUT\"") && answer.contains("x-request-id: "), "{answer}");
        assert!(!answer.contains("retry-after"), "{answer}");
    }
}

#[database_test]
async fn truncated_body_is_400_and_changes_nothing(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let body = enrollment(&emea, &acme).to_string();
    let head = format!(
        "POST /v1/workspace-group-workspaces HTTP/1.1\r\nHost: app\r\nAuthorization: Bearer {}\r\n\
         Content-Type: {JSON_API}\r\nContent-Length: {}\r\n\r\n",
        api.token(),
        body.len() + 10
    );
    let mut stream = TcpStream::connect(app.url("").trim_start_matches("http://")).await.unwrap();
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(10), stream.read_to_string(&mut answer))
        .await
        .expect("a response")
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("\"BAD_REQUEST\""), "{answer}");
    assert_eq!(row_count(&pool).await, 0);
}
