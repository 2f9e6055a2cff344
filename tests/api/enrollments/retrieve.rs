//! `GET /v1/workspace-group-workspaces/{id}`

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::resource;
use crate::support::{TestApp, enroll, group, person, remove, time, workspace};

const CREATED: &str = "2026-05-28T09:15:00.000Z";
const REMOVED: &str = "2026-05-29T10:00:00.250Z";

#[database_test]
async fn live_and_removed_enrollments_are_returned(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let id = enroll(&pool, &emea, &acme, time(CREATED)).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["read"]).await;
    let this = format!("/v1/workspace-group-workspaces/{id}");

    let live = api.get(&this).await;
    assert_eq!(live.status, 200);
    let times = [Some(CREATED), Some(CREATED), None];
    assert_eq!(
        live.body,
        json!({ "data": resource(&id, (&emea, &acme), None, times), "links": { "self": this } })
    );

    remove(&pool, &id, time(REMOVED)).await;
    let times = [Some(CREATED), Some(REMOVED), Some(REMOVED)];
    assert_eq!(api.get(&this).await.body["data"], resource(&id, (&emea, &acme), None, times));
}

#[database_test]
async fn unknown_and_malformed_ids_are_404(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for id in
        ["00000000-0000-4000-8000-000000000000", &acme, "1", "%00", "{00000000-0000-4000-8000-000000000000}"]
    {
        let answer = api.get(&format!("/v1/workspace-group-workspaces/{id}")).await;
        assert_eq!(answer.status, 404, "{id}");
        assert_eq!(
            answer.errors(),
            [("404".to_owned(), "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND".to_owned(), Value::Null)]
        );
    }
}

#[database_test]
async fn related_resources_are_included_on_request(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::at(pool, CREATED).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let this = by_ana.enroll(&emea, &acme).await.header("location").to_owned();

    let answer = by_ana.get(&format!("{this}?include=workspace_group,workspace,created_by")).await;

    assert_eq!(answer.status, 200);
    let included = answer.body["included"].as_array().unwrap();
    let found: Vec<_> = included.iter().map(|one| (&one["type"], &one["id"])).collect();
    assert_eq!(json!(found), json!([["workspace_group", emea], ["workspace", acme], ["people", ana]]));
    assert_eq!(included[0]["attributes"]["name"], "EMEA");
    assert_eq!(included[1]["attributes"]["external_workspace_id"], "acme");
    assert_eq!(included[2]["attributes"]["email"], "ana@example.com");
    let only_workspace = by_ana.get(&format!("{this}?include=workspace")).await;
    assert_eq!(only_workspace.body["included"].as_array().unwrap().len(), 1);
    assert_eq!(by_ana.get(&this).await.body.get("included"), None);
    // An empty include allows an absent or an empty member.
    let nothing = by_ana.get(&format!("{this}?include=")).await;
    assert_eq!(nothing.status, 200);
    assert!(nothing.body.get("included").is_none_or(|included| *included == json!([])));
}

#[database_test]
async fn missing_creator_is_not_included(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let id = enroll(&pool, &emea, &acme, time(CREATED)).await;
    let app = TestApp::start(pool).await;
    let answer = app
        .api_client(&["read"])
        .await
        .get(&format!("/v1/workspace-group-workspaces/{id}?include=created_by"))
        .await;
    assert_eq!(answer.body["included"], json!([]));
}
