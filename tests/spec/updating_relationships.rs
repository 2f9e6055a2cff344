//! "Updating Relationships".

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{NOBODY, WORKSPACES, assert_refused, at, identifier, scene, send};
use crate::support::{live_count, person, row_count, workspace};

#[database_test]
async fn to_one_relationship_is_changed_and_cleared(pool: PgPool) {
    let scene = scene(pool).await;
    let bo = person(&scene.app.pool, "Bo", "Ek", "bo@example.com").await;
    let path = format!("{}/relationships/created_by", scene.enrollment_path());
    let before = scene.api.get(&scene.enrollment_path()).await.body["data"]["relationships"].clone();
    // Repeating a change is no error.
    for end in [identifier("people", &bo), identifier("people", &bo), Value::Null, Value::Null] {
        let answer = scene.api.patch(&path, json!({ "data": end })).await;
        assert_eq!((answer.status, &answer.body), (204, &Value::Null));
        assert_eq!(scene.api.get(&path).await.body["data"], end);
        // Nothing else was changed.
        let mut expected = before.clone();
        expected["created_by"]["data"] = end;
        let now = scene.api.get(&scene.enrollment_path()).await;
        assert_eq!(now.body["data"]["relationships"], expected);
    }
}

#[database_test]
async fn to_one_change_requires_an_identifier_or_null(pool: PgPool) {
    let scene = scene(pool).await;
    let path = format!("{}/relationships/created_by", scene.enrollment_path());
    let ana = identifier("people", &scene.person);
    for (body, pointer) in [
        (json!({}), ""),
        (json!({ "meta": { "data": null } }), ""),
        (json!({ "data": [] }), "/data"),
        (json!({ "data": [ana] }), "/data"),
        (json!({ "data": scene.person }), "/data"),
        (json!({ "data": { "type": "people" } }), "/data"),
        (json!({ "data": { "id": scene.person } }), "/data"),
        (json!({ "data": identifier("workspace", &scene.person) }), "/data/type"),
    ] {
        let answer = scene.api.patch(&path, body).await;
        assert_refused(&answer, 422, "VALIDATION_ERROR", at(pointer));
    }
    let answer = scene.api.patch(&path, json!({ "data": identifier("people", NOBODY) })).await;
    assert_refused(&answer, 404, "PEOPLE_NOT_FOUND", at("/data/id"));
    assert_eq!(scene.api.get(&path).await.body["data"], ana);
}

#[database_test]
async fn existing_members_are_not_added_again(pool: PgPool) {
    let scene = scene(pool).await;
    let pool = &scene.app.pool;
    let beta = workspace(pool, "Beta").await;
    let both = [identifier("workspace", &scene.workspace), identifier("workspace", &beta)];
    let body = json!({ "data": both });
    for _ in 0..2 {
        let answer = scene.api.post(&scene.members_path(), body.clone()).await;
        assert_eq!((answer.status, &answer.body), (204, &Value::Null));
        // Exactly these members, each once.
        let mut found = scene.api.get(&scene.members_path()).await.ids();
        let mut expected = vec![scene.workspace.clone(), beta.clone()];
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
        assert_eq!((row_count(pool).await, live_count(pool).await), (2, 2));
    }
    let twice = json!({ "data": [identifier("workspace", &beta), identifier("workspace", &beta)] });
    let answer = scene.api.post(&scene.members_path(), twice).await;
    assert_eq!((answer.status, row_count(pool).await), (204, 2));
}

#[database_test]
async fn absent_members_are_ignored_on_removal(pool: PgPool) {
    let scene = scene(pool).await;
    let pool = &scene.app.pool;
    let (beta, cobalt) = (workspace(pool, "Beta").await, workspace(pool, "Cobalt").await);
    scene.api.enroll(&scene.group, &beta).await;
    // Cobalt was never a member.
    let body = json!({ "data": [identifier("workspace", &cobalt), identifier("workspace", &beta)] });
    for _ in 0..2 {
        let answer = send(&scene.api, Method::DELETE, &scene.members_path(), &body).await;
        assert_eq!((answer.status, &answer.body), (204, &Value::Null));
        assert_eq!(scene.api.get(&scene.members_path()).await.ids(), [scene.workspace.as_str()]);
        assert_eq!((row_count(pool).await, live_count(pool).await), (2, 1));
    }
    // Only the relationship ends, and the workspace stays.
    let beta = scene.api.get(&format!("{WORKSPACES}/{beta}")).await;
    assert_eq!(beta.body["data"]["attributes"]["deleted_at"], Value::Null);
}

#[database_test]
async fn to_many_change_requires_an_array_of_identifiers(pool: PgPool) {
    let scene = scene(pool).await;
    let acme = identifier("workspace", &scene.workspace);
    for method in [Method::POST, Method::DELETE] {
        for (body, pointer) in [
            (json!({}), ""),
            (json!({ "meta": { "data": [] } }), ""),
            (json!({ "data": null }), "/data"),
            (json!({ "data": acme }), "/data"),
            (json!({ "data": [scene.workspace] }), "/data/0"),
            (json!({ "data": [acme, { "type": "workspace" }] }), "/data/1"),
            (json!({ "data": [identifier("people", &scene.person)] }), "/data/0/type"),
        ] {
            let answer = send(&scene.api, method.clone(), &scene.members_path(), &body).await;
            assert_refused(&answer, 422, "VALIDATION_ERROR", at(pointer));
        }
        let nothing = json!({ "data": [] });
        let answer = send(&scene.api, method, &scene.members_path(), &nothing).await;
        assert_eq!(answer.status, 204);
    }
    assert_eq!(scene.api.get(&scene.members_path()).await.ids(), [scene.workspace.as_str()]);
}

#[database_test]
async fn replacing_all_members_is_403(pool: PgPool) {
    let scene = scene(pool).await;
    let beta = workspace(&scene.app.pool, "Beta").await;
    for data in [json!([]), json!([identifier("workspace", &beta)])] {
        let answer = scene.api.patch(&scene.members_path(), json!({ "data": data })).await;
        assert_eq!((answer.status, answer.errors()[0].1.as_str()), (403, "FULL_REPLACEMENT_UNSUPPORTED"));
    }
    assert_eq!(scene.api.get(&scene.members_path()).await.ids(), [scene.workspace.as_str()]);
}

#[database_test]
async fn read_only_relationship_is_403(pool: PgPool) {
    let scene = scene(pool).await;
    let enrollment = format!("{}/relationships", scene.enrollment_path());
    let groups = format!("{}/relationships/workspace_groups", scene.workspace_path());
    let group = identifier("workspace_group", &scene.group);
    let workspace = identifier("workspace", &scene.workspace);
    for (method, path, data) in [
        (Method::PATCH, format!("{enrollment}/workspace"), workspace),
        (Method::PATCH, format!("{enrollment}/workspace_group"), group.clone()),
        (
            Method::PATCH,
            format!("{}/relationships/created_by", scene.group_path()),
            identifier("people", &scene.person),
        ),
        (Method::PATCH, groups.clone(), json!([])),
        (Method::POST, groups.clone(), json!([group])),
        (Method::DELETE, groups, json!([group])),
    ] {
        let answer = send(&scene.api, method.clone(), &path, &json!({ "data": data })).await;
        let (status, code) = (answer.status, answer.errors()[0].1.clone());
        assert_eq!((status, code.as_str()), (403, "RELATIONSHIP_READ_ONLY"), "{method} {path}");
    }
    assert_eq!(live_count(&scene.app.pool).await, 1);
}
