//! Requests that are refused before any handler reads them: the response names the reason and the request
//! id of the log.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::smuggling::exchange;
use crate::support::{JSON_API, TestApp};

/// Head and body of the only response.
fn parts(answer: &str) -> (&str, &str) {
    answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no response: {answer}"))
}

fn header<'a>(head: &'a str, name: &str) -> &'a str {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    let mut values = lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    values.next().unwrap_or_else(|| panic!("no {name} in {head}"))
}

/// Unreadable requests with the expected status and code.
fn unreadable(path: &str) -> Vec<(String, &'static str, &'static str)> {
    let (long, many) = ("x".repeat(100_000), "X: 1\r\n".repeat(200));
    let bad = ("400", "BAD_REQUEST");
    let large = ("431", "HEADERS_TOO_LARGE");
    let line = format!("GET {path} HTTP/1.1\r\nHost: desk\r\n");
    [
        (format!("{line}X-Long: {long}\r\n\r\n"), large),
        (format!("{line}{many}\r\n"), large),
        (format!("GET {path}?{long} HTTP/1.1\r\nHost: desk\r\n\r\n"), large),
        (format!("GET http://desk{path} HTTP/1.1\r\nHost: desk\r\nX-Long: {long}\r\n\r\n"), large),
        (format!("{line}no colon\r\n\r\n"), bad),
        (format!("{line}X Y: z\r\n\r\n"), bad),
        (format!("GET {path} HTTP/9.9\r\nHost: desk\r\n\r\n"), bad),
        // The request is readable, but has no host.
        (format!("GET {path} HTTP/1.1\r\nConnection: close\r\n\r\n"), bad),
        (format!("GET {path} HTTP/1.1\r\nHost: a, b\r\nConnection: close\r\n\r\n"), bad),
    ]
    .map(|(request, (status, code))| (request, status, code))
    .to_vec()
}

#[database_test]
async fn unreadable_api_requests_get_an_error_document(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for (request, status, code) in unreadable("/v1/workspaces") {
        let shown: String = request.chars().take(60).collect();
        let answer = exchange(&app, request.as_bytes()).await;
        let (head, body) = parts(&answer);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{shown:?}: {answer}");
        assert_eq!(header(head, "content-type"), JSON_API, "{shown:?}");
        assert_eq!(header(head, "content-length"), body.len().to_string(), "{shown:?}");
        let id = header(head, "x-request-id");
        let document: Value = serde_json::from_str(body).unwrap();
        let error = &document["errors"][0];
        let expected =
            json!({ "id": format!("{id}-1"), "status": status, "code": code, "meta": { "trace_id": id } });
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&error[name], value, "{shown:?}: {document}");
        }
        assert!(
            !error["title"].as_str().unwrap().is_empty() && !error["detail"].as_str().unwrap().is_empty()
        );
    }
}

#[database_test]
async fn unreadable_page_requests_get_a_sentence(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for path in ["/groups", "/healthz", "/nothing"] {
        for (request, status, _) in unreadable(path) {
            let shown: String = request.chars().take(60).collect();
            let answer = exchange(&app, request.as_bytes()).await;
            let (head, body) = parts(&answer);
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{shown:?}: {answer}");
            assert_eq!(header(head, "content-type"), "text/plain; charset=utf-8", "{shown:?}");
            let id = header(head, "x-request-id");
            assert!(id.len() == 32 && body.ends_with(&format!("(Request {id}.)\n")), "{shown:?}: {answer}");
        }
    }
}

/// Earlier requests on the connection are answered normally.
#[database_test]
async fn readable_requests_before_are_answered(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let good = "GET /v1/people HTTP/1.1\r\nHost: desk\r\n\r\n";
    let answer = exchange(&app, format!("{good}{good}GET /groups x\r\n\r\n").as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 401 ").count(), 2, "{answer}");
    assert_eq!(answer.matches("\"UNAUTHORIZED\"").count(), 2, "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 400 ").count(), 1, "{answer}");
    assert_eq!(answer.matches("x-request-id: ").count(), 3, "{answer}");
    assert!(answer.ends_with(".)\n"), "{answer}");
}
