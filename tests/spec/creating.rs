//! "Creating, Updating and Deleting Resources": common requirements, and creating.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    ENROLLMENTS, GROUPS, NOBODY, PEOPLE, WORKSPACES, assert_refused, at, identifier, named_group, scene,
};
use crate::support::{Answer, enrollment, row_count, workspace};

#[database_test]
async fn requests_are_atomic(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    let beta = workspace(&scene.app.pool, "Beta").await;
    let both = json!([identifier("workspace", &beta), identifier("workspace", NOBODY)]);

    let mut body = named_group("APAC");
    body["data"]["relationships"] = json!({ "workspaces": { "data": both } });
    let answer = api.post(GROUPS, body).await;
    assert_refused(&answer, 404, "WORKSPACE_NOT_FOUND", at("/data/relationships/workspaces/data/1/id"));

    let answer = api.post(&scene.members_path(), json!({ "data": both })).await;
    assert_refused(&answer, 404, "WORKSPACE_NOT_FOUND", at("/data/1/id"));

    let body = json!({ "data": {
        "type": "workspace", "id": beta, "attributes": { "name": "Gamma", "description": 7 } } });
    let answer = api.patch(&format!("{WORKSPACES}/{beta}"), body).await;
    assert_refused(&answer, 422, "VALIDATION_ERROR", at("/data/attributes/description"));

    assert_eq!(api.get(GROUPS).await.ids(), [scene.group.as_str()]);
    assert_eq!(api.get(&scene.members_path()).await.ids(), [scene.workspace.as_str()]);
    assert_eq!(row_count(&scene.app.pool).await, 1);
    let untouched = api.get(&format!("{WORKSPACES}/{beta}")).await;
    assert_eq!(untouched.body["data"]["attributes"]["name"], "Beta");
}

#[database_test]
async fn creation_requires_one_resource_object_with_a_type(pool: PgPool) {
    let scene = scene(pool).await;
    let one = named_group("APAC")["data"].clone();
    for (body, pointer) in [
        (json!({}), ""),
        (json!({ "meta": {} }), ""),
        (json!([one]), ""),
        (json!({ "data": null }), "/data"),
        (json!({ "data": "APAC" }), "/data"),
        (json!({ "data": [] }), "/data"),
        (json!({ "data": [one] }), "/data"),
        (json!({ "data": { "attributes": { "name": "APAC" } } }), "/data"),
    ] {
        let answer = scene.api.post(GROUPS, body).await;
        assert_refused(&answer, 422, "VALIDATION_ERROR", at(pointer));
    }
    assert_eq!(scene.api.get(GROUPS).await.ids(), [scene.group.as_str()]);
}

#[database_test]
async fn relationship_of_a_creation_requires_data(pool: PgPool) {
    let scene = scene(pool).await;
    for wrong in [json!({}), json!({ "links": { "related": "/v1/workspaces" } }), json!({ "meta": {} })] {
        let mut body = enrollment(&scene.group, &scene.workspace);
        body["data"]["relationships"]["workspace"] = wrong.clone();
        let answer = scene.api.post(ENROLLMENTS, body).await;
        assert_refused(&answer, 422, "VALIDATION_ERROR", at("/data/relationships/workspace"));

        let mut body = named_group("APAC");
        body["data"]["relationships"] = json!({ "workspaces": wrong });
        let answer = scene.api.post(GROUPS, body).await;
        assert_refused(&answer, 422, "VALIDATION_ERROR", at("/data/relationships/workspaces"));
    }
}

#[database_test]
async fn client_generated_ids_are_403(pool: PgPool) {
    let scene = scene(pool).await;
    for id in [NOBODY, "42", &scene.group] {
        let mut body = named_group("APAC");
        body["data"]["id"] = json!(id);
        let answer = scene.api.post(GROUPS, body).await;
        assert_refused(&answer, 403, "CLIENT_ID_UNSUPPORTED", at("/data/id"));
    }
}

#[database_test]
async fn creation_returns_201_resource_and_location(pool: PgPool) {
    let scene = scene(pool).await;
    let beta = workspace(&scene.app.pool, "Beta").await;
    for (path, body) in [
        (GROUPS, named_group("APAC")),
        (WORKSPACES, json!({ "data": { "type": "workspace", "attributes": { "name": "Cobalt" } } })),
        (
            PEOPLE,
            json!({ "data": { "type": "people", "attributes": {
                "first_name": "Bo", "last_name": "Ek", "email": "bo@example.com" } } }),
        ),
        (ENROLLMENTS, enrollment(&scene.group, &beta)),
    ] {
        let answer = scene.api.post(path, body.clone()).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(answer.header("location"), format!("{path}/{}", answer.id()));
        let data = &answer.body["data"];
        assert_eq!(data["type"], body["data"]["type"]);
        assert_eq!(data["links"]["self"], answer.header("location"));
        let fetched = scene.api.get(answer.header("location")).await;
        assert_eq!(&fetched.body["data"], data, "{path}");
    }
}

#[database_test]
async fn creation_with_an_unknown_relation_is_404(pool: PgPool) {
    let scene = scene(pool).await;
    let answer = scene.api.enroll(NOBODY, &scene.workspace).await;
    let place = at("/data/relationships/workspace_group/data/id");
    assert_refused(&answer, 404, "WORKSPACE_GROUP_NOT_FOUND", place);
    let answer = scene.api.enroll(&scene.group, NOBODY).await;
    let place = at("/data/relationships/workspace/data/id");
    assert_refused(&answer, 404, "WORKSPACE_NOT_FOUND", place);
    let mut body = enrollment(&scene.group, &scene.workspace);
    body["data"]["relationships"]["created_by"] = json!({ "data": identifier("people", NOBODY) });
    let answer = scene.api.post(ENROLLMENTS, body).await;
    assert_refused(&answer, 404, "PEOPLE_NOT_FOUND", at("/data/relationships/created_by/data/id"));
}

#[database_test]
async fn creation_with_a_wrong_type_is_409(pool: PgPool) {
    let scene = scene(pool).await;
    for (path, kind) in [
        (GROUPS, "workspace"),
        (GROUPS, "nothing"),
        (WORKSPACES, "workspace_group"),
        (PEOPLE, "person"),
        (ENROLLMENTS, "enrollment"),
    ] {
        let mut body = match path {
            ENROLLMENTS => enrollment(&scene.group, &scene.workspace),
            PEOPLE => {
                json!({ "data": { "attributes": { "first_name": "Bo", "last_name": "Ek", "email": null } } })
            }
            _ => named_group("APAC"),
        };
        body["data"]["type"] = json!(kind);
        let answer = scene.api.post(path, body).await;
        assert_refused(&answer, 409, "TYPE_MISMATCH", at("/data/type"));
    }
}

#[database_test]
async fn conflict_names_the_conflicting_resource(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    let detail =
        |answer: &Answer| -> String { answer.body["errors"][0]["detail"].as_str().unwrap().to_owned() };

    let answer = api.enroll(&scene.group, &scene.workspace).await;
    assert_refused(&answer, 409, "WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS", Value::Null);
    assert_eq!(answer.body["errors"][0]["links"]["about"], scene.enrollment_path().as_str());
    let text = detail(&answer);
    assert!(text.contains(&scene.group) && text.contains(&scene.workspace), "{text}");

    let mut body = named_group("APAC");
    body["data"]["type"] = json!("workspace");
    let answer = api.post(GROUPS, body).await;
    assert_refused(&answer, 409, "TYPE_MISMATCH", at("/data/type"));
    assert!(detail(&answer).contains("workspace_group"), "{answer:?}");

    let mut body = named_group("APAC");
    body["data"]["id"] = json!(NOBODY);
    let answer = api.patch(&scene.group_path(), body).await;
    assert_refused(&answer, 409, "ID_MISMATCH", at("/data/id"));

    let taken = json!({ "data": { "type": "workspace", "attributes": {
        "name": "Other", "external_workspace_id": "acme" } } });
    let answer = api.post(WORKSPACES, taken).await;
    let place = at("/data/attributes/external_workspace_id");
    assert_refused(&answer, 409, "EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS", place);

    let answer = api.delete(&scene.group_path()).await;
    assert_eq!((answer.status, answer.errors()[0].1.as_str()), (409, "GROUP_HAS_LIVE_ENROLLMENTS"));
    assert_eq!(answer.body["errors"][0]["meta"]["live_enrollments"], 1);
}
