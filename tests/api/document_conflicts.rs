//! Conflicts between the operations of one document, and their links.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, ApiClient, TestApp, admin_events, person, workspace};

const ATOMIC: &str = r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic""#;

async fn operate(api: &ApiClient, operations: Value) -> Answer {
    let body = json!({ "atomic:operations": operations }).to_string();
    let request = api.request(Method::POST, "/v1/operations").header("content-type", ATOMIC);
    Answer::read(request.body(body)).await
}

fn add(kind: &str, attributes: Value) -> Value {
    json!({ "op": "add", "data": { "type": kind, "attributes": attributes } })
}

fn update(kind: &str, id: &str, attributes: Value) -> Value {
    json!({ "op": "update", "data": { "type": kind, "id": id, "attributes": attributes } })
}

/// The refused document did not give the resource this value.
#[database_test]
async fn conflict_within_a_document_has_no_link(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let before = admin_events(&pool).await;
    let known_as = |text: &str| update("workspace", &acme, json!({ "external_workspace_id": text }));
    let reached_by = |email: &str| update("people", &ana, json!({ "email": email }));
    let new = |text: &str| add("workspace", json!({ "name": "New", "external_workspace_id": text }));
    let bo = |email: &str| add("people", json!({ "first_name": "Bo", "last_name": "Ek", "email": email }));
    for (first, second, code) in [
        (known_as("new"), new("new"), "EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS"),
        (reached_by("bo@example.com"), bo("BO@example.com"), "EMAIL_ALREADY_EXISTS"),
    ] {
        let answer = operate(&api, json!([first, second])).await;
        let error = &answer.body["errors"][0];
        assert_eq!((answer.status, &error["code"], error.get("links")), (409, &json!(code), None), "{error}");
        let detail = error["detail"].as_str().unwrap();
        assert!(
            detail.ends_with("The operation /atomic:operations/0 of this document causes this."),
            "{detail}"
        );
    }
    // A value that it had before it still has afterwards, whatever else the document changes.
    for (first, second, about) in [
        (
            update("workspace", &acme, json!({ "name": "Acme SAS" })),
            new("acme"),
            format!("/v1/workspaces/{acme}"),
        ),
        (
            update("people", &ana, json!({ "last_name": "Reis" })),
            bo("ana@example.com"),
            format!("/v1/people/{ana}"),
        ),
    ] {
        let answer = operate(&api, json!([first, second])).await;
        assert_eq!(answer.body["errors"][0]["links"], json!({ "about": about }), "{answer:?}");
    }
    assert_eq!(admin_events(&pool).await, before);
}
