//! Media types, methods and paths.

use pretty_assertions::assert_eq;
use reqwest::Method;
use sqlx::PgPool;

use crate::support::{Answer, JSON_API, TestApp, enrollment, group, row_count, workspace};

const PATH: &str = "/v1/workspace-group-workspaces";

#[database_test]
async fn other_content_types_are_415(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let body = enrollment(&emea, &acme).to_string();
    for kind in [
        None,
        Some("application/json"),
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("application/vnd.api+json; charset=utf-8"),
        Some(r#"application/vnd.api+json; ext="https://jsonapi.org/ext/atomic""#),
        Some("nonsense"),
    ] {
        for (method, path) in [
            (Method::POST, PATH.to_owned()),
            (Method::POST, "/v1/workspace-groups".to_owned()),
            (Method::PATCH, format!("{PATH}/{emea}")),
        ] {
            let mut request = api.request(method, &path).body(body.clone());
            if let Some(kind) = kind {
                request = request.header("content-type", kind);
            }
            let answer = Answer::read(request).await;
            assert_eq!(answer.status, 415, "{kind:?}");
            let (status, code, source) = &answer.errors()[0];
            assert_eq!((status.as_str(), code.as_str()), ("415", "UNSUPPORTED_MEDIA_TYPE"));
            assert_eq!(source["header"], "Content-Type");
        }
    }
    assert_eq!(row_count(&pool).await, 0);
    let request = api
        .request(Method::POST, PATH)
        .header("content-type", r#"application/vnd.api+json; profile="https://example.com/unknown""#)
        .body(body);
    assert_eq!(Answer::read(request).await.status, 201);
}

#[database_test]
async fn accept_without_json_api_is_406(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for (accept, status) in [
        ("text/html", 406),
        ("application/json", 406),
        ("application/vnd.api+json; charset=utf-8", 406),
        (r#"application/vnd.api+json; ext="https://example.com/unknown""#, 406),
        ("application/vnd.api+json;q=0", 406),
        (r#"application/vnd.api+json; ext="https://jsonapi.org/ext/atomic""#, 200),
        // The named type counts, and a wildcard beside it does not.
        ("application/vnd.api+json; charset=utf-8, */*;q=0.1", 406),
        ("*/*", 200),
        (JSON_API, 200),
        ("text/html, application/vnd.api+json;q=0.1", 200),
        ("application/vnd.api+json;charset=utf-8, application/vnd.api+json", 200),
    ] {
        let answer = Answer::read(api.request(Method::GET, PATH).header("accept", accept)).await;
        assert_eq!(answer.status, status, "{accept}");
        if status == 406 {
            let (_, code, source) = &answer.errors()[0];
            assert_eq!(code, "NOT_ACCEPTABLE");
            assert_eq!(source["header"], "Accept");
        }
    }
}

#[database_test]
async fn unsupported_method_is_405_with_allow(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    for (method, path, allowed) in [
        (Method::DELETE, PATH.to_owned(), "GET,HEAD,POST"),
        (Method::PUT, PATH.to_owned(), "GET,HEAD,POST"),
        (Method::POST, format!("{PATH}/{emea}"), "DELETE,GET,HEAD,PATCH"),
        (Method::PATCH, "/v1/workspace-groups".to_owned(), "GET,HEAD,POST"),
        (Method::PUT, format!("/v1/workspace-groups/{emea}"), "DELETE,GET,HEAD,PATCH"),
        (Method::PUT, "/v1/workspaces".to_owned(), "GET,HEAD,POST"),
        (Method::PUT, format!("/v1/workspaces/{emea}"), "DELETE,GET,HEAD,PATCH"),
        (Method::PUT, "/v1/people".to_owned(), "GET,HEAD,POST"),
        (Method::PUT, format!("/v1/people/{emea}"), "DELETE,GET,HEAD,PATCH"),
        (Method::POST, format!("{PATH}/{emea}/workspace"), "GET,HEAD"),
        (Method::POST, format!("{PATH}/{emea}/relationships/workspace"), "GET,HEAD,PATCH"),
        (Method::POST, "/v1/enrollment-events".to_owned(), "GET,HEAD"),
        (Method::GET, "/v1/operations".to_owned(), "POST"),
    ] {
        let answer = Answer::read(api.request(method.clone(), &path)).await;
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.errors()[0].1, "METHOD_NOT_ALLOWED");
        let mut allow: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
        allow.sort_unstable();
        assert_eq!(allow.join(","), allowed, "{method} {path}");
    }
}

#[database_test]
async fn unknown_paths_are_404(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for path in [
        "/v1".to_owned(),
        "/v1/".to_owned(),
        "/v1/nothing".to_owned(),
        "/v1/groups".to_owned(),
        format!("{PATH}/{emea}/relationships/workspace/more"),
        format!("{PATH}/{emea}/relationships"),
        // The path is not valid UTF-8.
        "/v1/people/%FF".to_owned(),
    ] {
        let answer = api.get(&path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.errors()[0].1.ends_with("NOT_FOUND"), "{path}");
    }
}

/// Some client libraries append a slash.
#[database_test]
async fn trailing_slash_is_ignored(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for path in [PATH.to_owned(), format!("/v1/workspace-groups/{emea}")] {
        let plain = api.get(&path).await;
        let slashed = api.get(&format!("{path}/")).await;
        assert_eq!((slashed.status, slashed.body), (200, plain.body), "{path}");
    }
}

#[database_test]
async fn head_has_no_body(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    let answer = Answer::read(api.request(Method::HEAD, PATH)).await;
    assert_eq!((answer.status, answer.body), (200, serde_json::Value::Null));
}
