//! Request smuggling: requests that a proxy may parse differently from the server. Each is refused, or
//! parsed in one way before the connection closes; a hidden request is never performed.

use std::time::Duration;

use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{JSON_API, PASSWORD, Reply, TestApp, client, group, operator, post};

/// After a response, reading ends when nothing arrives for this long.
const SILENCE: Duration = Duration::from_millis(500);

/// Sends these bytes and reads until the connection ends or stays silent: on a connection that is kept
/// open, a hidden request would have been performed.
pub(super) async fn exchange(app: &TestApp, bytes: &[u8]) -> String {
    let mut stream = open_and_send(app, bytes).await;
    let mut answer = Vec::new();
    let mut timeout = Duration::from_secs(20);
    // A reset after the response is an end, too.
    while let Ok(Ok(1..)) = tokio::time::timeout(timeout, stream.read_buf(&mut answer)).await {
        timeout = SILENCE;
    }
    String::from_utf8_lossy(&answer).into_owned()
}

async fn open_and_send(app: &TestApp, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(app.url("").trim_start_matches("http://")).await.unwrap();
    // The server may close the connection before everything is sent; its response can still be read.
    let _ = stream.write_all(bytes).await;
    stream
}

/// The statuses of all responses.
fn statuses(answer: &str) -> Vec<u16> {
    // A body without a final line break ends in the middle of the next response's line.
    let heads = answer.match_indices("HTTP/1.").map(|(at, _)| &answer[at..]);
    heads.map(|head| head.split(' ').nth(1).unwrap().parse().unwrap()).collect()
}

async fn assert_alive(app: &TestApp) {
    assert_eq!(Reply::read(client().get(app.url("/healthz"))).await.status, 200);
}

async fn group_count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM core_api.workspace_groups").fetch_one(pool).await.unwrap()
}

/// A complete request that would create a group.
fn hidden(token: &str) -> String {
    let body = r#"{"data":{"type":"workspace_group","attributes":{"name":"Smuggled"}}}"#;
    format!(
        "POST /v1/workspace-groups HTTP/1.1\r\nHost: app\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: {JSON_API}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The request before the hidden one: allowed, with this framing.
fn front(token: &str, framing: &str) -> String {
    format!(
        "POST /v1/workspaces HTTP/1.1\r\nHost: app\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: {JSON_API}\r\n{framing}\r\n\r\n"
    )
}

#[database_test]
async fn hidden_request_is_valid_by_itself(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let token = app.api_client(&["write"]).await.token().to_owned();
    let both = format!("{}{}", front(&token, "Content-Length: 0"), hidden(&token));
    assert_eq!(statuses(&exchange(&app, both.as_bytes()).await), [400, 201]);
    assert_eq!(group_count(&pool).await, 1);
}

/// Two contradicting ways to give the length of a body, and malformed ones.
#[database_test]
async fn ambiguous_body_lengths_are_refused(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let token = app.api_client(&["write"]).await.token().to_owned();
    let hidden = hidden(&token);
    let length = hidden.len() + 5;
    for framing in [
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {length}"),
        format!("Content-Length: 0\r\nTransfer-Encoding: chunked\r\nContent-Length: {length}"),
        format!("Content-Length: 5\r\nContent-Length: {length}"),
        format!("Content-Length: {length}\r\nContent-Length: 5"),
        format!("Content-Length: 5, {length}"),
        "Content-Length: 5, 5".to_owned(),
        "Content-Length: +5".to_owned(),
        "Content-Length: -1".to_owned(),
        "Content-Length: 0x5".to_owned(),
        "Content-Length: 5 5".to_owned(),
        "Content-Length: 5\u{b}".to_owned(),
        "Content-Length: ".to_owned(),
        "Content-Length: five".to_owned(),
        "Content-Length: 99999999999999999999999999".to_owned(),
        "Content-Length : 5".to_owned(),
        "Transfer-Encoding: xchunked".to_owned(),
        "Transfer-Encoding: identity".to_owned(),
        "Transfer-Encoding: chunked, identity".to_owned(),
        "Transfer-Encoding: chunked\u{b}".to_owned(),
        "Transfer-Encoding: \"chunked\"".to_owned(),
        "Transfer-Encoding: chunked;q=1".to_owned(),
        "Transfer-Encoding:\u{a0}chunked".to_owned(),
        "Transfer-Encoding : chunked".to_owned(),
        "Transfer-Encoding\t: chunked".to_owned(),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x".to_owned(),
        "X: y\r\n Transfer-Encoding: chunked".to_owned(),
        "X: y\rTransfer-Encoding: chunked".to_owned(),
        "X: y\0z".to_owned(),
        "X\0Y: z".to_owned(),
        "X Y: z".to_owned(),
        "Caf\u{e9}: z".to_owned(),
        ": z".to_owned(),
        "no colon".to_owned(),
    ] {
        let bytes = format!("{}0\r\n\r\n{hidden}", front(&token, &framing));
        let answer = exchange(&app, bytes.as_bytes()).await;
        let statuses = statuses(&answer);
        assert!(
            statuses.len() <= 1 && statuses.iter().all(|status| (400..500).contains(status)),
            "{framing}: {answer}"
        );
        assert_eq!(group_count(&pool).await, 0, "{framing}: {answer}");
    }
    assert_alive(&app).await;
}

#[database_test]
async fn malformed_chunks_are_refused(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let token = app.api_client(&["write"]).await.token().to_owned();
    let hidden = hidden(&token);
    let front = front(&token, "Transfer-Encoding: chunked");
    let ends = "0\r\n\r\n";
    for chunks in [
        format!("0x5\r\nhello\r\n{ends}"),
        format!("-5\r\nhello\r\n{ends}"),
        format!("+5\r\nhello\r\n{ends}"),
        format!("5 5\r\nhello\r\n{ends}"),
        format!("g\r\nhello\r\n{ends}"),
        format!("\r\nhello\r\n{ends}"),
        format!("fffffffffffffffff\r\nhello\r\n{ends}"),
        format!("5\r\nhelloXX{ends}"),
        format!("5\r\nhello{ends}"),
        format!("5\nhello\r\n{ends}"),
        format!("5\r\nhello\n{ends}"),
        format!("5\rX\nhello\r\n{ends}"),
        format!("5;a=\"\n\"\r\nhello\r\n{ends}"),
        format!("5;{}\r\nhello\r\n{ends}", "x".repeat(100_000)),
        format!("0\r\n{}\r\n\r\n", "Trailer: x\r\n".repeat(20_000)),
        "0\r\nContent-Length: 500\r\nX\0: y\r\n\r\n".to_owned(),
    ] {
        let shown: String = chunks.chars().take(40).collect();
        let answer = exchange(&app, format!("{front}{chunks}{hidden}").as_bytes()).await;
        let statuses = statuses(&answer);
        assert!(
            statuses.len() <= 1 && statuses.iter().all(|status| (400..500).contains(status)),
            "{shown:?}: {answer}"
        );
        assert_eq!(group_count(&pool).await, 0, "{shown:?}: {answer}");
    }
    assert_alive(&app).await;
}

/// Targets are local, methods are words, and hosts are not guessed.
#[database_test]
async fn malformed_request_lines_and_hosts_are_refused(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    for line in [
        "GET /a b HTTP/1.1",
        "GET  /healthz HTTP/1.1",
        "GET\t/healthz\tHTTP/1.1",
        " GET /healthz HTTP/1.1",
        "GET /healthz HTTP/1.1 x",
        "GET /healthz HTTP/9.9",
        "GET /healthz HTTP/1.1x",
        "GET /healthz http/1.1",
        "GET /health\0z HTTP/1.1",
        "GET healthz HTTP/1.1",
        "GE(T /healthz HTTP/1.1",
        "/healthz HTTP/1.1",
        "GET /healthz",
        "GET",
    ] {
        let answer = exchange(&app, format!("{line}\r\nHost: desk\r\n\r\n").as_bytes()).await;
        let statuses = statuses(&answer);
        assert!(
            statuses.len() <= 1 && statuses.iter().all(|status| (400..500).contains(status)),
            "{line}: {answer}"
        );
    }
    for host in [
        "",
        "Host: \r\n",
        "Host: desk\r\nHost: desk\r\n",
        "Host: desk\r\nhost: evil.example\r\n",
        "Host: desk, evil.example\r\n",
        "Host: desk evil.example\r\n",
        "Host: evil.example/desk\r\n",
        "Host: desk@evil.example\r\n",
        "Host: http://desk\r\n",
        "Host: d\u{e9}sk\r\n",
        "Host : desk\r\n",
    ] {
        for path in ["/healthz", "/login", "/v1/people"] {
            let bytes = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n{host}\r\n");
            let answer = exchange(&app, bytes.as_bytes()).await;
            assert_eq!(statuses(&answer), [400], "{host}: {answer}");
        }
    }
    assert_alive(&app).await;
}

/// Proxies get targets with a host. The path counts, and the host is ignored.
#[database_test]
async fn absolute_targets_are_handled_as_local_paths(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    for (target, expected) in [
        ("GET http://evil.example/groups", &[303_u16][..]),
        ("GET http://evil.example", &[303]),
        ("GET https://evil.example:443/v1/people", &[401]),
        ("GET evil.example:80", &[400, 404, 303]),
        ("CONNECT evil.example:80", &[400, 403, 404, 405, 303]),
        ("CONNECT /groups", &[400, 403, 404, 405, 303]),
        ("OPTIONS *", &[400, 404, 405, 303]),
        ("GET *", &[400, 404, 303]),
        ("TRACE /healthz", &[405]),
        ("TRACE /v1/people", &[401, 405]),
        ("get /healthz", &[405]),
        ("DEBUG /healthz", &[405]),
    ] {
        let bytes = format!("{target} HTTP/1.1\r\nHost: desk\r\nX-Secret: echo\r\nConnection: close\r\n\r\n");
        let answer = exchange(&app, bytes.as_bytes()).await;
        let statuses = statuses(&answer);
        assert!(statuses.len() == 1 && expected.contains(&statuses[0]), "{target}: {answer}");
        assert!(!answer.contains("http://evil") && !answer.contains("location: //"), "{target}: {answer}");
        assert!(!answer.contains("echo"), "{target}: {answer}");
    }
    assert_alive(&app).await;
}

/// Headers by which some servers rewrite a request have no effect.
#[database_test]
async fn override_headers_are_ignored(pool: PgPool) {
    let group = group(&pool, "EMEA").await;
    operator(&pool, "sam@example.com", "Sam Okoye", "support").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let fields = [("email", "sam@example.com"), ("password", PASSWORD)];
    let cookie = post(&app, "sign-in", "", &fields).await.cookie();
    for (name, value) in [
        ("x-http-method-override", "DELETE"),
        ("x-http-method", "DELETE"),
        ("x-method-override", "DELETE"),
        ("x-original-url", "/tokens"),
        ("x-rewrite-url", "/tokens"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "javascript"),
        ("forwarded", "host=evil.example;proto=https"),
        ("x-forwarded-for", "127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
        ("upgrade", "h2c"),
        ("x-groupdesk-role", "admin"),
    ] {
        let request = api.request(reqwest::Method::POST, &format!("/v1/workspace-groups/{group}"));
        assert_eq!(Reply::read(request.header(name, value)).await.status, 405, "{name}");
        for (path, status) in [("/groups", 200), ("/tokens", 403)] {
            let request = client().get(app.url(path)).header("cookie", &cookie).header(name, value);
            let reply = Reply::read(request).await;
            assert_eq!(reply.status, status, "{name} {path}");
            assert!(!reply.text.contains("evil.example"), "{name}");
        }
        let reply = Reply::read(client().get(app.url("/groups")).header(name, value)).await;
        assert_eq!((reply.status, reply.header("location")), (303, "/login?next=/groups"), "{name}");
    }
    assert_eq!(group_count(&pool).await, 1);
}

#[database_test]
async fn old_and_pipelining_clients_are_answered_in_order(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let old = exchange(&app, b"GET /healthz HTTP/1.0\r\n\r\nGET /healthz HTTP/1.0\r\n\r\n").await;
    assert_eq!(statuses(&old), [200], "one connection, one request: {old}");
    let chunked =
        exchange(&app, b"POST /v1/people HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").await;
    assert_eq!(statuses(&chunked), [400], "{chunked}");
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: desk\r\n\r\n");
    let pipelined =
        [get("/healthz"), get("/v1/people"), get("/groups"), get("/nothing"), get("/login")].concat();
    assert_eq!(statuses(&exchange(&app, pipelined.as_bytes()).await), [200, 401, 303, 303, 200]);
    // Requests after a broken one are not read.
    let broken = format!("{}GET / x\0\r\n\r\n{}", get("/healthz"), get("/healthz"));
    assert_eq!(statuses(&exchange(&app, broken.as_bytes()).await), [200, 400]);
    let closed =
        format!("GET /healthz HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n\r\n{}", get("/healthz"));
    assert_eq!(statuses(&exchange(&app, closed.as_bytes()).await), [200]);
    // Bytes that are not HTTP at all.
    for noise in
        [&b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..], b"SSH-2.0-x\r\n", b"\0\0\0\0", b"\r\n\r\n"]
    {
        let mut stream = open_and_send(&app, noise).await;
        // The client sends nothing more, or the server would wait for the rest of a head.
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        // A reset is an end, too.
        let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(statuses(&answer).iter().all(|status| (400..500).contains(status)), "{answer}");
    }
    assert_alive(&app).await;
}
