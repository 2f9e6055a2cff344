//! The atomic-operations extension: documents, processing, errors. The targets of operations are tested in
//! `atomic_targets.rs`.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    ATOMIC, ENROLLMENTS, GROUPS, NOBODY, OPERATIONS, Scene, WORKSPACES, assert_refused, at, identifier,
    named_group, names, scene,
};
use crate::support::{
    Answer, ApiClient, JSON_API, enrollment, event_count, live_count, row_count, workspace,
};

pub(super) async fn operate(api: &ApiClient, operations: Value) -> Answer {
    let request = api.request(Method::POST, OPERATIONS);
    let request = request.header("content-type", ATOMIC).header("accept", ATOMIC);
    let body = json!({ "atomic:operations": operations });
    Answer::read(request.body(body.to_string())).await
}

pub(super) fn add(document: &Value) -> Value {
    json!({ "op": "add", "data": document["data"] })
}

pub(super) fn reference(kind: &str, id: &str) -> Value {
    json!({ "type": kind, "id": id })
}

/// The operation that renames a group.
pub(super) fn rename(group: &str, name: &str) -> Value {
    let mut data = named_group(name)["data"].clone();
    data["id"] = json!(group);
    json!({ "op": "update", "ref": reference("workspace_group", group), "data": data })
}

/// The operation that adds workspaces to the scene's group, or removes them.
pub(super) fn members(scene: &Scene, op: &str, workspaces: &[&str]) -> Value {
    let data: Vec<Value> = workspaces.iter().map(|id| identifier("workspace", id)).collect();
    json!({
        "op": op,
        "ref": { "type": "workspace_group", "id": scene.group, "relationship": "workspaces" },
        "data": data
    })
}

/// Asserts an error document with this status, whose pointers are all within this operation.
pub(super) fn assert_failed(answer: &Answer, status: u16, operation: usize) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), JSON_API);
    let prefix = format!("/atomic:operations/{operation}");
    for (_, _, source) in answer.errors() {
        let pointer = source["pointer"].as_str().unwrap_or_else(|| panic!("no pointer in {answer:?}"));
        let rest = pointer.strip_prefix(&prefix).unwrap_or_else(|| panic!("{pointer} is not in {prefix}"));
        assert!(rest.is_empty() || rest.starts_with('/'), "{pointer} is not in {prefix}");
    }
}

fn results(answer: &Answer) -> &[Value] {
    answer.body["atomic:results"].as_array().unwrap_or_else(|| panic!("no results in {answer:?}"))
}

#[database_test]
async fn result_documents_have_only_results(pool: PgPool) {
    let scene = scene(pool).await;
    let answer = operate(&scene.api, json!([add(&named_group("APAC"))])).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, ATOMIC));
    assert_eq!(names(&answer.body), ["atomic:results", "jsonapi"]);
    assert_eq!(results(&answer).len(), 1);
    assert_eq!(
        answer.body["jsonapi"],
        json!({ "version": "1.1", "ext": ["https://jsonapi.org/ext/atomic"] })
    );

    // An error document has no results, even of operations that succeeded before the failure.
    let operations = json!([add(&named_group("APAC 2")), { "op": "add", "data": {} }]);
    let answer = operate(&scene.api, operations).await;
    assert_failed(&answer, 422, 1);
    assert_eq!(answer.body.get("atomic:results"), None);
}

#[database_test]
async fn operations_are_an_array_of_objects(pool: PgPool) {
    let scene = scene(pool).await;
    for (operations, pointer) in [
        (json!(null), "/atomic:operations"),
        (json!({}), "/atomic:operations"),
        (add(&named_group("APAC")), "/atomic:operations"),
        (json!(["add"]), "/atomic:operations/0"),
        (json!([[]]), "/atomic:operations/0"),
    ] {
        let answer = operate(&scene.api, operations).await;
        assert_refused(&answer, 422, "VALIDATION_ERROR", at(pointer));
    }
    assert_eq!(scene.api.get(GROUPS).await.ids(), [scene.group.as_str()]);
}

#[database_test]
async fn operation_codes_are_add_update_remove(pool: PgPool) {
    let scene = scene(pool).await;
    let data = named_group("APAC")["data"].clone();
    let answer = operate(&scene.api, json!([{ "data": data }])).await;
    assert_failed(&answer, 422, 0);
    for op in [json!("create"), json!("ADD"), json!(""), json!(1), json!(null)] {
        let answer = operate(&scene.api, json!([add(&named_group("A")), { "op": op, "data": data }])).await;
        assert_refused(&answer, 422, "VALIDATION_ERROR", at("/atomic:operations/1/op"));
    }
    assert_eq!(scene.api.get(GROUPS).await.ids(), [scene.group.as_str()]);
}

#[database_test]
async fn operations_require_post(pool: PgPool) {
    let scene = scene(pool).await;
    let body = json!({ "atomic:operations": [add(&named_group("APAC"))] }).to_string();
    for method in [Method::GET, Method::PUT, Method::PATCH, Method::DELETE] {
        let request = scene.api.request(method.clone(), OPERATIONS);
        let answer = Answer::read(request.header("content-type", ATOMIC).body(body.clone())).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{method}");
        assert_eq!(answer.errors()[0].1, "METHOD_NOT_ALLOWED");
    }
    assert_eq!(scene.api.get(GROUPS).await.ids(), [scene.group.as_str()]);
}

#[database_test]
async fn operations_run_in_order(pool: PgPool) {
    let scene = scene(pool).await;
    // Only in this order can the pair be enrolled again and the last name win.
    let remove = json!({ "op": "remove", "ref": reference("workspace_group_workspace", &scene.enrollment) });
    let again = add(&enrollment(&scene.group, &scene.workspace));
    let operations = json!([rename(&scene.group, "B"), remove, again, rename(&scene.group, "A")]);
    let answer = operate(&scene.api, operations).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let group = scene.api.get(&scene.group_path()).await;
    assert_eq!(group.body["data"]["attributes"]["name"], "A");
    let live = scene.api.get(ENROLLMENTS).await.ids();
    assert_eq!(live, [results(&answer)[2]["data"]["id"].as_str().unwrap()]);

    let wrong = json!([add(&enrollment(&scene.group, &scene.workspace)), {
        "op": "remove", "ref": reference("workspace_group_workspace", &live[0]) }]);
    let answer = operate(&scene.api, wrong).await;
    assert_failed(&answer, 409, 0);
}

#[database_test]
async fn failed_operation_rolls_back_all(pool: PgPool) {
    let scene = scene(pool).await;
    let pool = &scene.app.pool;
    let beta = workspace(pool, "Beta").await;
    let before = event_count(pool).await;
    let answer = operate(
        &scene.api,
        json!([
            add(&named_group("APAC")),
            rename(&scene.group, "Other"),
            members(&scene, "add", &[&beta]),
            { "op": "remove", "ref": reference("workspace_group_workspace", &scene.enrollment) },
            { "op": "remove", "ref": reference("workspace", NOBODY) },
            add(&named_group("Never")),
        ]),
    )
    .await;
    assert_failed(&answer, 404, 4);
    assert_eq!(answer.errors()[0].1, "WORKSPACE_NOT_FOUND");
    let groups = scene.api.get(GROUPS).await;
    assert_eq!(groups.ids(), [scene.group.as_str()]);
    assert_eq!(groups.body["data"][0]["attributes"]["name"], "EMEA");
    assert_eq!(scene.api.get(&scene.members_path()).await.ids(), [scene.workspace.as_str()]);
    assert_eq!((row_count(pool).await, live_count(pool).await, event_count(pool).await), (1, 1, before));
}

#[database_test]
async fn results_are_in_the_order_of_operations(pool: PgPool) {
    let scene = scene(pool).await;
    let (beta, cobalt) =
        (workspace(&scene.app.pool, "Beta").await, workspace(&scene.app.pool, "Cobalt").await);
    let answer = operate(
        &scene.api,
        json!([
            members(&scene, "add", &[&beta]),
            add(&named_group("APAC")),
            { "op": "remove", "ref": reference("workspace", &cobalt) },
            rename(&scene.group, "Other"),
            add(&named_group("LATAM")),
            members(&scene, "remove", &[&beta]),
        ]),
    )
    .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let found: Vec<Value> =
        results(&answer).iter().map(|result| result["data"]["attributes"]["name"].clone()).collect();
    assert_eq!(json!(found), json!([null, "APAC", null, "Other", "LATAM", null]));
    for index in [0, 2, 5] {
        assert_eq!(results(&answer)[index].get("data"), None, "{index}");
    }
}

#[database_test]
async fn errors_point_into_the_failed_operation(pool: PgPool) {
    let scene = scene(pool).await;
    let fine = rename(&scene.group, "Other");
    let mut color = add(&named_group("APAC"));
    color["data"]["attributes"]["color"] = json!("red");
    let mut own_id = add(&named_group("APAC"));
    own_id["data"]["id"] = json!(NOBODY);
    let prefix = |rest: &str| at(&format!("/atomic:operations/1/{rest}"));
    for (operation, status, code, source) in [
        (color, 422, "VALIDATION_ERROR", prefix("data/attributes/color")),
        (own_id, 403, "CLIENT_ID_UNSUPPORTED", prefix("data/id")),
        (
            add(&enrollment(&scene.group, NOBODY)),
            404,
            "WORKSPACE_NOT_FOUND",
            prefix("data/relationships/workspace/data/id"),
        ),
        (members(&scene, "add", &[NOBODY]), 404, "WORKSPACE_NOT_FOUND", prefix("data/0/id")),
    ] {
        let answer = operate(&scene.api, json!([fine, operation])).await;
        assert_refused(&answer, status, code, source);
        assert_failed(&answer, status, 1);
    }
    // Several errors of one operation are reported together, with the status that fits them all.
    let mut several = add(&named_group("APAC"));
    several["data"]["id"] = json!(NOBODY);
    several["data"]["attributes"]["color"] = json!("red");
    let answer = operate(&scene.api, json!([fine, several])).await;
    assert_failed(&answer, 400, 1);
    assert_eq!(answer.errors().len(), 2);
}

#[database_test]
async fn operations_without_results_return_no_document(pool: PgPool) {
    let scene = scene(pool).await;
    let beta = workspace(&scene.app.pool, "Beta").await;
    let answer = operate(
        &scene.api,
        json!([
            members(&scene, "add", &[&beta]),
            { "op": "remove", "ref": reference("workspace_group_workspace", &scene.enrollment) },
        ]),
    )
    .await;
    assert_eq!((answer.status, &answer.body), (204, &Value::Null));
    assert_eq!(scene.api.get(&scene.members_path()).await.ids(), [beta.as_str()]);
    let removed = scene.api.get(&scene.enrollment_path()).await;
    assert!(removed.body["data"]["attributes"]["deleted_at"].is_string());
    assert_eq!(scene.api.get(WORKSPACES).await.ids().len(), 2);
}
