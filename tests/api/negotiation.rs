//! Media types, methods and addresses.

use pretty_assertions::assert_eq;
use reqwest::Method;
use sqlx::PgPool;

use crate::support::{Answer, Desk, JSON_API, enrollment, group, row_count, workspace};

const PATH: &str = "/v1/workspace-group-workspaces";

#[database_test]
async fn a_body_of_another_media_type_is_415(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let desk = Desk::start(pool.clone()).await;
    let machine = desk.machine(&["write", "pipeline"]).await;
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
            let mut request = machine.request(method, &path).body(body.clone());
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
    let request = machine
        .request(Method::POST, PATH)
        .header("content-type", r#"application/vnd.api+json; profile="https://example.com/unknown""#)
        .body(body);
    assert_eq!(Answer::read(request).await.status, 201);
}

#[database_test]
async fn a_client_that_takes_no_json_api_is_406(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let machine = desk.machine(&["read"]).await;
    for (accept, status) in [
        ("text/html", 406),
        ("application/json", 406),
        ("application/vnd.api+json; charset=utf-8", 406),
        (r#"application/vnd.api+json; ext="https://example.com/unknown""#, 406),
        ("application/vnd.api+json;q=0", 406),
        (r#"application/vnd.api+json; ext="https://jsonapi.org/ext/atomic""#, 200),
        // Where the type is named, what is said of it counts, and a wildcard beside it does not.
        ("application/vnd.api+json; charset=utf-8, */*;q=0.1", 406),
        ("*/*", 200),
        (JSON_API, 200),
        ("text/html, application/vnd.api+json;q=0.1", 200),
        ("application/vnd.api+json;charset=utf-8, application/vnd.api+json", 200),
    ] {
        let answer = Answer::read(machine.request(Method::GET, PATH).header("accept", accept)).await;
        assert_eq!(answer.status, status, "{accept}");
        if status == 406 {
            let (_, code, source) = &answer.errors()[0];
            assert_eq!(code, "NOT_ACCEPTABLE");
            assert_eq!(source["header"], "Accept");
        }
    }
}

#[database_test]
async fn a_method_that_an_address_lacks_is_405_and_names_those_it_has(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let desk = Desk::start(pool).await;
    let machine = desk.machine(&["write", "pipeline"]).await;
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
        let answer = Answer::read(machine.request(method.clone(), &path)).await;
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.errors()[0].1, "METHOD_NOT_ALLOWED");
        let mut allow: Vec<&str> = answer.header("allow").split(',').map(str::trim).collect();
        allow.sort_unstable();
        assert_eq!(allow.join(","), allowed, "{method} {path}");
    }
}

#[database_test]
async fn an_address_that_leads_nowhere_is_404(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let desk = Desk::start(pool).await;
    let machine = desk.machine(&["read"]).await;
    for path in [
        "/v1".to_owned(),
        "/v1/".to_owned(),
        "/v1/nothing".to_owned(),
        "/v1/groups".to_owned(),
        format!("{PATH}/{emea}/relationships/workspace/more"),
        format!("{PATH}/{emea}/relationships"),
        // No text at all.
        "/v1/people/%FF".to_owned(),
    ] {
        let answer = machine.get(&path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(answer.errors()[0].1.ends_with("NOT_FOUND"), "{path}");
    }
}

/// Some client libraries put one there.
#[database_test]
async fn a_slash_at_the_end_of_an_address_changes_nothing(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let desk = Desk::start(pool).await;
    let machine = desk.machine(&["read"]).await;
    for path in [PATH.to_owned(), format!("/v1/workspace-groups/{emea}")] {
        let plain = machine.get(&path).await;
        let slashed = machine.get(&format!("{path}/")).await;
        assert_eq!((slashed.status, slashed.body), (200, plain.body), "{path}");
    }
}

#[database_test]
async fn a_head_is_a_get_without_its_body(pool: PgPool) {
    let desk = Desk::start(pool).await;
    let machine = desk.machine(&["read"]).await;
    let answer = Answer::read(machine.request(Method::HEAD, PATH)).await;
    assert_eq!((answer.status, answer.body), (200, serde_json::Value::Null));
}
