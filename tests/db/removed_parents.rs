//! Removed groups and workspaces, and those that cannot be removed yet.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, TestApp, error, event_count, group, row_count, workspace};

fn assert_still_in_use(answer: &Answer, code: &str, count: i64, text: &str) {
    assert_eq!(answer.status, 409, "{answer:?}");
    let error = &answer.body["errors"][0];
    assert_eq!(error["code"], code);
    assert_eq!(error["meta"]["live_enrollments"], count);
    assert!(error["detail"].as_str().unwrap().contains(text), "{error}");
}

#[database_test]
async fn parents_with_live_enrollments_cannot_be_removed(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let mut enrolled = Vec::new();
    for (group, workspace) in [(&emea, &acme), (&emea, &beta), (&apac, &acme)] {
        enrolled.push(api.enroll(group, workspace).await.id());
    }
    let (group, workspace) = (format!("/v1/workspace-groups/{emea}"), format!("/v1/workspaces/{acme}"));

    let answer = api.delete(&group).await;
    assert_still_in_use(&answer, "GROUP_HAS_LIVE_ENROLLMENTS", 2, "2 live enrollments");
    let answer = api.delete(&workspace).await;
    assert_still_in_use(&answer, "WORKSPACE_HAS_LIVE_ENROLLMENTS", 2, "2 live enrollments");
    api.delete(&format!("/v1/workspace-group-workspaces/{}", enrolled[0])).await;
    let answer = api.delete(&group).await;
    assert_still_in_use(&answer, "GROUP_HAS_LIVE_ENROLLMENTS", 1, "1 live enrollment;");
    let answer = api.delete(&workspace).await;
    assert_still_in_use(&answer, "WORKSPACE_HAS_LIVE_ENROLLMENTS", 1, "1 live enrollment;");
    for path in [&group, &workspace] {
        assert_eq!(api.get(path).await.body["data"]["attributes"]["deleted_at"], Value::Null);
    }

    for id in &enrolled[1..] {
        api.delete(&format!("/v1/workspace-group-workspaces/{id}")).await;
    }
    for path in [&group, &workspace] {
        assert_eq!(api.delete(path).await.status, 204);
        let first = api.get(path).await;
        assert_ne!(first.body["data"]["attributes"]["deleted_at"], Value::Null);
        assert_eq!(api.delete(path).await.status, 204);
        assert_eq!(api.get(path).await.body, first.body);
    }
    assert_eq!(row_count(&pool).await, 3);
}

#[database_test]
async fn removed_parents_take_no_enrollments(pool: PgPool) {
    let (emea, gone_group) = (group(&pool, "EMEA").await, group(&pool, "Gone").await);
    let (acme, gone) = (workspace(&pool, "Acme").await, workspace(&pool, "Gone").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    api.delete(&format!("/v1/workspace-groups/{gone_group}")).await;
    api.delete(&format!("/v1/workspaces/{gone}")).await;

    let answer = api.enroll(&gone_group, &acme).await;
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.errors(),
        [error("404", "WORKSPACE_GROUP_NOT_FOUND", "/data/relationships/workspace_group/data/id")]
    );
    let answer = api.enroll(&emea, &gone).await;
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.errors(),
        [error("404", "WORKSPACE_NOT_FOUND", "/data/relationships/workspace/data/id")]
    );
    let answer = api
        .post(
            "/v1/workspace-groups",
            json!({ "data": {
                "type": "workspace_group",
                "attributes": { "name": "New" },
                "relationships": { "workspaces": { "data": [{ "type": "workspace", "id": gone }] } }
            }}),
        )
        .await;
    assert_eq!(
        answer.errors(),
        [error("404", "WORKSPACE_NOT_FOUND", "/data/relationships/workspaces/data/0/id")]
    );
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (0, 0));
}
