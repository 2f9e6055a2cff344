//! Members that identify a resource and are null count as absent.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, ApiClient, TestApp, enrollment, error, group, workspace};

const ATOMIC: &str = r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic""#;

async fn operate(api: &ApiClient, operations: Value) -> Answer {
    let body = json!({ "atomic:operations": operations }).to_string();
    let request = api.request(Method::POST, "/v1/operations").header("content-type", ATOMIC);
    Answer::read(request.body(body)).await
}

#[database_test]
async fn null_id_is_not_a_client_generated_id(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let named = |kind: &str| json!({ "data": { "type": kind, "attributes": { "name": "New" } } });
    let person = json!({ "type": "people", "attributes": { "first_name": "Bo", "last_name": "Ek" } });
    for (path, body) in [
        ("/v1/workspace-groups", named("workspace_group")),
        ("/v1/workspaces", named("workspace")),
        ("/v1/people", json!({ "data": person })),
        ("/v1/workspace-group-workspaces", enrollment(&emea, &acme)),
    ] {
        for (id, lid) in
            [(json!(null), None), (json!(null), Some(json!("x"))), (json!(null), Some(json!(null)))]
        {
            let mut body = body.clone();
            body["data"]["id"] = id;
            if let Some(lid) = lid {
                body["data"]["lid"] = lid;
            }
            let answer = api.post(path, body.clone()).await;
            assert_eq!(answer.status, 201, "{body}: {answer:?}");
            assert_eq!(answer.header("location"), format!("{path}/{}", answer.id()));
            if path.ends_with("group-workspaces") {
                assert_eq!(api.delete(&format!("{path}/{}", answer.id())).await.status, 204);
            }
        }
    }
    let mut without_relationships = named("workspace");
    without_relationships["data"]["relationships"] = json!(null);
    assert_eq!(api.post("/v1/workspaces", without_relationships).await.status, 201);
}

#[database_test]
async fn operations_ignore_null_target_members(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let answer = operate(
        &api,
        json!([
            { "op": "add", "ref": null, "href": null,
                "data": { "type": "workspace_group", "id": null, "lid": "g", "attributes": { "name": "EMEA" } } },
            { "op": "add", "data": { "type": "workspace_group_workspace", "id": null, "lid": null, "relationships": {
                "workspace_group": { "data": { "type": "workspace_group", "id": null, "lid": "g" } },
                "workspace": { "data": { "type": "workspace", "id": acme, "lid": null } } } } },
            { "op": "update", "data": { "type": "workspace_group", "id": null, "lid": "g", "attributes": { "name": "Europe" } } },
            { "op": "remove", "href": null,
                "ref": { "type": "workspace_group", "id": null, "lid": "g", "relationship": "workspaces" },
                "data": [{ "type": "workspace", "id": acme }] },
            { "op": "remove", "ref": { "type": "workspace_group", "id": null, "lid": "g", "relationship": null } },
        ]),
    )
    .await;
    assert_eq!(answer.status, 200, "{answer:?}");

    let unknown = json!([{ "op": "add", "data": { "type": "workspace_group_workspace", "relationships": {
        "workspace_group": { "data": { "type": "workspace_group", "id": null, "lid": "g" } },
        "workspace": { "data": { "type": "workspace", "id": acme } } } } }]);
    let answer = operate(&api, unknown).await;
    let place = "/atomic:operations/0/data/relationships/workspace_group/data/lid";
    assert_eq!(answer.errors(), [error("422", "VALIDATION_ERROR", place)]);
}

#[database_test]
async fn required_members_must_not_be_null(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let mut body = enrollment(&emea, &acme);
    body["data"]["relationships"]["workspace"]["data"]["id"] = json!(null);
    let answer = api.post("/v1/workspace-group-workspaces", body).await;
    let place = "/data/relationships/workspace/data/id";
    assert_eq!(answer.errors(), [error("422", "VALIDATION_ERROR", place)]);
    let change = json!({ "data": { "type": "workspace", "id": null, "attributes": { "name": "Beta" } } });
    let answer = api.patch(&format!("/v1/workspaces/{acme}"), change).await;
    assert_eq!(answer.errors(), [error("422", "VALIDATION_ERROR", "/data/id")]);
}
