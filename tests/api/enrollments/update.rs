//! `PATCH /v1/workspace-group-workspaces/{id}` changes the creator, and nothing else.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{
    Answer, TestApp, enroll, error, event_count, group, person, remove, row, time, workspace,
};

const CREATED: &str = "2026-05-01T00:00:00.000Z";
const NOW: &str = "2026-05-28T09:15:00.000Z";

fn path(id: &str) -> String {
    format!("/v1/workspace-group-workspaces/{id}")
}

fn creator_document(id: &str, person: Option<&str>) -> Value {
    let data = person.map(|id| json!({ "type": "people", "id": id }));
    json!({ "data": {
        "type": "workspace_group_workspace",
        "id": id,
        "relationships": { "created_by": { "data": data } }
    }})
}

fn created_by(answer: &Answer) -> &Value {
    &answer.body["data"]["relationships"]["created_by"]["data"]
}

async fn one_enrollment(pool: &PgPool) -> String {
    let (emea, acme) = (group(pool, "EMEA").await, workspace(pool, "Acme").await);
    enroll(pool, &emea, &acme, time(CREATED)).await
}

#[database_test]
async fn creator_is_changed_on_live_and_removed_rows(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let id = one_enrollment(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let pipeline = app.api_client(&["pipeline"]).await;

    let answer = pipeline.patch(&path(&id), creator_document(&id, Some(&ana))).await;
    assert_eq!(answer.status, 200);
    assert_eq!(created_by(&answer), &json!({ "type": "people", "id": ana }));
    assert_eq!(
        answer.body["data"]["attributes"],
        json!({ "created_at": CREATED, "updated_at": NOW, "deleted_at": null })
    );
    assert_eq!(pipeline.get(&path(&id)).await.body, answer.body);

    let removed_at = "2026-05-30T00:00:00.000Z";
    remove(&pool, &id, time(removed_at)).await;
    let answer = pipeline.patch(&path(&id), creator_document(&id, None)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(created_by(&answer), &Value::Null);
    assert_eq!(answer.body["data"]["attributes"]["deleted_at"], removed_at);
    assert_eq!(event_count(&pool).await, 2);
}

#[database_test]
async fn patch_without_changes_writes_nothing(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let id = one_enrollment(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let pipeline = app.api_client(&["pipeline"]).await;

    let before = row(&pool, &id).await;
    let no_creator = json!({ "data": { "type": "workspace_group_workspace", "id": id } });
    for body in [creator_document(&id, None), no_creator] {
        let answer = pipeline.patch(&path(&id), body).await;
        assert_eq!((answer.status, created_by(&answer)), (200, &Value::Null));
    }
    assert_eq!((row(&pool, &id).await, event_count(&pool).await), (before, 0));

    pipeline.patch(&path(&id), creator_document(&id, Some(&ana))).await;
    let before = row(&pool, &id).await;
    let answer = pipeline.patch(&path(&id), creator_document(&id, Some(&ana))).await;
    assert_eq!(answer.status, 200);
    assert_eq!((row(&pool, &id).await, event_count(&pool).await), (before, 1));
}

#[database_test]
async fn other_members_cannot_be_updated(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let id = one_enrollment(&pool).await;
    let (apac, beta) = (group(&pool, "APAC").await, workspace(&pool, "Beta").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let before = row(&pool, &id).await;
    let with = |member: &str, value: Value| {
        let mut body = creator_document(&id, Some(&ana));
        body["data"][member] = value;
        body
    };
    let related = |name: &str, value: Value| {
        let mut body = creator_document(&id, Some(&ana));
        body["data"]["relationships"][name] = value;
        body
    };
    for (body, status, errors) in [
        (
            related("workspace_group", json!({ "data": { "type": "workspace_group", "id": apac } })),
            403,
            vec![error("403", "RELATIONSHIP_READ_ONLY", "/data/relationships/workspace_group")],
        ),
        (
            related("workspace", json!({ "data": { "type": "workspace", "id": beta } })),
            403,
            vec![error("403", "RELATIONSHIP_READ_ONLY", "/data/relationships/workspace")],
        ),
        (
            related("owner", json!({ "data": null })),
            422,
            vec![error("422", "VALIDATION_ERROR", "/data/relationships/owner")],
        ),
        (
            related("created_by", json!({ "data": { "type": "workspace", "id": beta } })),
            422,
            vec![error("422", "VALIDATION_ERROR", "/data/relationships/created_by/data/type")],
        ),
        (
            related("created_by", json!({ "data": { "type": "people", "id": beta } })),
            404,
            vec![error("404", "PEOPLE_NOT_FOUND", "/data/relationships/created_by/data/id")],
        ),
        (
            with("attributes", json!({ "deleted_at": null })),
            403,
            vec![error("403", "SYSTEM_FIELD_READ_ONLY", "/data/attributes/deleted_at")],
        ),
        (
            with("attributes", json!({ "name": "x" })),
            422,
            vec![error("422", "VALIDATION_ERROR", "/data/attributes/name")],
        ),
        (with("type", json!("workspace")), 409, vec![error("409", "TYPE_MISMATCH", "/data/type")]),
        (with("id", json!(beta)), 409, vec![error("409", "ID_MISMATCH", "/data/id")]),
        (with("id", json!(7)), 422, vec![error("422", "VALIDATION_ERROR", "/data/id")]),
        (
            json!({ "data": { "type": "workspace_group_workspace" } }),
            422,
            vec![error("422", "VALIDATION_ERROR", "/data")],
        ),
    ] {
        let answer = api.patch(&path(&id), body.clone()).await;
        assert_eq!((answer.status, answer.errors()), (status, errors), "{body}");
    }
    assert_eq!((row(&pool, &id).await, event_count(&pool).await), (before, 0));
}

#[database_test]
async fn unknown_enrollment_is_404(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let pipeline = app.api_client(&["pipeline"]).await;
    for id in ["00000000-0000-4000-8000-000000000000", "42"] {
        let answer = pipeline.patch(&path(id), creator_document(id, None)).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.errors()[0].1, "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND");
        assert_eq!(answer.errors()[0].2, Value::Null);
    }
}
