//! `POST /v1/workspace-groups/{id}/workspaces` and `DELETE …/workspaces/{workspace_id}`: enrolling and
//! removing by the pair.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{
    Answer, TestApp, bad_parameter, enroll, error, event_count, events, group, live_count, person, row_count,
    time, workspace,
};

const MOMENT: &str = "2026-05-28T09:15:00.000Z";
const ENROLLMENTS: &str = "/v1/workspace-group-workspaces";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

fn pairs_path(group: &str) -> String {
    format!("/v1/workspace-groups/{group}/workspaces")
}

fn pair_path(group: &str, workspace: &str) -> String {
    format!("{}/{workspace}", pairs_path(group))
}

fn document(workspace: &str) -> Value {
    json!({ "data": { "type": "workspace", "id": workspace } })
}

/// Asserts an error about the path, not about the body.
fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.errors()),
        (status, vec![(status.to_string(), code.to_owned(), Value::Null)]),
        "{answer:?}"
    );
}

#[database_test]
async fn enrolling_returns_201_enrollment_and_location(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::at(pool.clone(), MOMENT).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;

    let answer = by_ana.post(&pairs_path(&emea), document(&acme)).await;

    assert_eq!(answer.status, 201);
    let this = format!("{ENROLLMENTS}/{}", answer.id());
    assert_eq!(answer.header("location"), this);
    assert!(!answer.header("etag").is_empty());
    let end = |name: &str, kind: &str, id: &str| {
        let links =
            json!({ "self": format!("{this}/relationships/{name}"), "related": format!("{this}/{name}") });
        json!({ "data": { "type": kind, "id": id }, "links": links })
    };
    assert_eq!(
        answer.body,
        json!({
            "data": {
                "type": "workspace_group_workspace",
                "id": answer.id(),
                "attributes": { "created_at": MOMENT, "updated_at": MOMENT, "deleted_at": null },
                "relationships": {
                    "workspace_group": end("workspace_group", "workspace_group", &emea),
                    "workspace": end("workspace", "workspace", &acme),
                    "created_by": end("created_by", "people", &ana)
                },
                "links": { "self": this }
            },
            "links": { "self": this }
        })
    );
    let existing = by_ana.get(&this).await;
    assert_eq!((&existing.body, existing.header("etag")), (&answer.body, answer.header("etag")));
    let event =
        ("enrolled".to_owned(), "api".to_owned(), Some("Ana Lima".to_owned()), Some("robot".to_owned()));
    assert_eq!(events(&pool).await, [event]);
}

#[database_test]
async fn live_pair_is_a_conflict_with_a_link(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &acme, time(MOMENT)).await;
    let app = TestApp::start(pool.clone()).await;
    let answer = app.api_client(&["write"]).await.post(&pairs_path(&emea), document(&acme)).await;
    assert_refused(&answer, 409, "WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS");
    assert_eq!(answer.body["errors"][0]["links"]["about"], format!("{ENROLLMENTS}/{live}"));
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (1, 0));
}

#[database_test]
async fn invalid_workspaces_are_refused_with_a_pointer(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let (closed, gone) = (group(&pool, "Closed").await, workspace(&pool, "Gone").await);
    let app = TestApp::start(pool.clone()).await;
    let (api, reader) = (app.api_client(&["write"]).await, app.api_client(&["read"]).await);
    for path in [format!("/v1/workspace-groups/{closed}"), format!("/v1/workspaces/{gone}")] {
        assert_eq!(api.delete(&path).await.status, 204);
    }
    for (body, status, code, pointer) in [
        (document(NOBODY), 404, "WORKSPACE_NOT_FOUND", "/data/id"),
        (document("42"), 404, "WORKSPACE_NOT_FOUND", "/data/id"),
        (document(&gone), 404, "WORKSPACE_NOT_FOUND", "/data/id"),
        (document(&emea), 404, "WORKSPACE_NOT_FOUND", "/data/id"),
        (json!({}), 422, "VALIDATION_ERROR", ""),
        (json!([document(&acme)]), 422, "VALIDATION_ERROR", ""),
        (json!({ "data": null }), 422, "VALIDATION_ERROR", "/data"),
        (json!({ "data": [{ "type": "workspace", "id": acme }] }), 422, "VALIDATION_ERROR", "/data"),
        (json!({ "data": { "type": "workspace" } }), 422, "VALIDATION_ERROR", "/data"),
        (json!({ "data": { "id": acme } }), 422, "VALIDATION_ERROR", "/data"),
        (json!({ "data": { "type": "workspace", "id": 7 } }), 422, "VALIDATION_ERROR", "/data/id"),
        (json!({ "data": { "type": "workspace", "lid": "w" } }), 422, "VALIDATION_ERROR", "/data/lid"),
        (json!({ "data": { "type": "workspace_group", "id": acme } }), 422, "VALIDATION_ERROR", "/data/type"),
    ] {
        let answer = api.post(&pairs_path(&emea), body.clone()).await;
        let expected = error(&status.to_string(), code, pointer);
        assert_eq!((answer.status, answer.errors()), (status, vec![expected]), "{body}");
    }
    for group in [NOBODY, "42", &closed, &acme] {
        let answer = api.post(&pairs_path(group), document(&acme)).await;
        assert_refused(&answer, 404, "WORKSPACE_GROUP_NOT_FOUND");
    }
    assert_refused(&reader.post(&pairs_path(&emea), document(&acme)).await, 403, "FORBIDDEN");
    let answer = api.post(&format!("{}?include=workspace", pairs_path(&emea)), document(&acme)).await;
    assert_eq!((answer.status, answer.errors()), (400, vec![bad_parameter("include")]));
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (0, 0));
}

#[database_test]
async fn removing_by_pair_is_204_and_then_404(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let apac = group(&pool, "APAC").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let first = api.post(&pairs_path(&emea), document(&acme)).await.id();
    let elsewhere = api.post(&pairs_path(&apac), document(&acme)).await.id();

    let answer = api.delete(&pair_path(&emea, &acme)).await;
    assert_eq!((answer.status, answer.body), (204, Value::Null));
    let removed = api.get(&format!("{ENROLLMENTS}/{first}")).await;
    assert!(removed.body["data"]["attributes"]["deleted_at"].is_string());
    let answer = api.delete(&pair_path(&emea, &acme)).await;
    assert_refused(&answer, 404, "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND");
    // The enrollment in the other group is unaffected.
    assert_eq!(api.get(ENROLLMENTS).await.ids(), [elsewhere]);
    assert_eq!(api.get(&format!("{ENROLLMENTS}/{first}")).await.body, removed.body);

    // Enrolling again creates a new row beside the old one. A body of the removal is ignored.
    let second = api.post(&pairs_path(&emea), document(&acme)).await.id();
    assert_ne!(second, first);
    let request = api.request(Method::DELETE, &pair_path(&emea, &acme));
    let answer = Answer::read(request.header("content-type", "text/plain").body("{ not json")).await;
    assert_eq!(answer.status, 204);
    assert_eq!((row_count(&pool).await, live_count(&pool).await), (3, 1));
    let actions: Vec<String> = events(&pool).await.into_iter().map(|event| event.0).collect();
    assert_eq!(actions, ["enrolled", "enrolled", "removed", "enrolled", "removed"]);
}

#[database_test]
async fn removing_needs_a_live_pair_and_write_scope(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let beta = workspace(&pool, "Beta").await;
    let app = TestApp::start(pool.clone()).await;
    let (api, reader) = (app.api_client(&["write"]).await, app.api_client(&["read"]).await);
    api.enroll(&emea, &acme).await;
    for workspace in [beta.as_str(), NOBODY, "42"] {
        let answer = api.delete(&pair_path(&emea, workspace)).await;
        assert_refused(&answer, 404, "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND");
    }
    assert_refused(&api.delete(&pair_path("42", &acme)).await, 404, "WORKSPACE_GROUP_NOT_FOUND");
    assert_eq!(api.delete(&pair_path(NOBODY, &acme)).await.status, 404);
    assert_refused(&reader.delete(&pair_path(&emea, &acme)).await, 403, "FORBIDDEN");
    let answer = api.get(&pair_path(&emea, &acme)).await;
    assert_refused(&answer, 405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), "DELETE");
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (1, 1));
}
