//! "Errors".

use std::collections::BTreeMap;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    ENROLLMENTS, EVENTS, GROUPS, NOBODY, PEOPLE, WORKSPACES, identifier, items, named_group, names,
    replacement, scene,
};
use crate::support::{Answer, error};

#[database_test]
async fn errors_are_an_array_of_nonempty_objects(pool: PgPool) {
    for answer in scene(pool).await.refusals().await {
        let errors = answer.body["errors"].as_array().unwrap_or_else(|| panic!("no array: {answer:?}"));
        assert!(!errors.is_empty(), "{answer:?}");
        for error in errors {
            for name in ["id", "status", "code", "title", "detail"] {
                assert!(error[name].as_str().is_some_and(|text| !text.is_empty()), "{name} of {error}");
            }
            let status = error["status"].as_str().unwrap();
            assert!(status.len() == 3 && status.starts_with('4'), "{error}");
        }
    }
}

#[database_test]
async fn multiple_errors_use_the_most_general_status(pool: PgPool) {
    let scene = scene(pool).await;
    let mut body = named_group("APAC");
    body["data"]["type"] = json!("workspace");
    body["data"]["id"] = json!(NOBODY);
    body["data"]["attributes"]["color"] = json!("red");
    let answer = scene.api.post(GROUPS, body).await;
    assert_eq!(answer.status, 400);
    let mut errors = answer.errors();
    errors.sort_by_key(|(status, _, _)| status.clone());
    assert_eq!(
        errors,
        [
            error("403", "CLIENT_ID_UNSUPPORTED", "/data/id"),
            error("409", "TYPE_MISMATCH", "/data/type"),
            error("422", "VALIDATION_ERROR", "/data/attributes/color"),
        ]
    );
    // Errors with the same status share it.
    let mut body = named_group("APAC");
    body["data"]["attributes"]["color"] = json!("red");
    body["data"]["relationships"] = json!({ "owner": { "data": null } });
    let answer = scene.api.post(GROUPS, body).await;
    assert_eq!((answer.status, answer.errors().len()), (422, 2));
}

#[database_test]
async fn error_titles_are_constant(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    let mut answers = scene.refusals().await;
    for path in [
        format!("{ENROLLMENTS}/42"),
        format!("{GROUPS}/{NOBODY}"),
        format!("{GROUPS}/42/created_by"),
        format!("{WORKSPACES}/42"),
        format!("{PEOPLE}/42"),
        format!("{EVENTS}?sort=color"),
        format!("{EVENTS}?page[size]=1000"),
        format!("{GROUPS}?include=color"),
        format!("{GROUPS}?filter[status]=color"),
    ] {
        answers.push(api.get(&path).await);
    }
    answers.push(api.post(GROUPS, named_group("")).await);
    answers.push(api.post(ENROLLMENTS, json!({ "data": [] })).await);
    let mut titles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for answer in &answers {
        for error in items(&answer.body["errors"]) {
            let text = |name: &str| error[name].as_str().unwrap().to_owned();
            titles.entry(text("code")).or_default().push(text("title"));
        }
    }
    for (code, titles) in &titles {
        assert!(titles.iter().all(|title| *title == titles[0]), "{code}: {titles:?}");
    }
    let count = |code: &str| titles.get(code).map_or(0, Vec::len);
    assert!(count("INVALID_QUERY_PARAMETER") >= 5 && count("VALIDATION_ERROR") >= 3, "{titles:?}");
}

#[database_test]
async fn error_source_is_one_place_or_absent(pool: PgPool) {
    let mut found = Vec::new();
    for answer in scene(pool).await.refusals().await {
        for error in items(&answer.body["errors"]) {
            let Some(source) = error.get("source") else { continue };
            let [name @ ("pointer" | "parameter" | "header")] = names(source)[..] else {
                panic!("{source} in {error}");
            };
            assert!(source[name].is_string(), "{error}");
            found.push(name.to_owned());
        }
    }
    for name in ["pointer", "parameter", "header"] {
        assert!(found.iter().any(|one| one == name), "no {name}: {found:?}");
    }
}

/// Asserts that each error points to an existing value of the body.
fn assert_pointed(answer: &Answer, body: &Value) {
    let errors = answer.errors();
    for (_, code, source) in &errors {
        let pointer =
            source["pointer"].as_str().unwrap_or_else(|| panic!("{code} without a pointer: {body}"));
        assert!(body.pointer(pointer).is_some(), "{code}: there is no {pointer} in {body}");
    }
    assert!(!errors.is_empty());
}

#[database_test]
async fn error_pointers_exist_in_the_request(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    let kind = "workspace_group";
    for body in [
        json!({}),
        json!([1]),
        json!({ "data": null }),
        json!({ "data": {} }),
        json!({ "data": { "type": kind } }),
        json!({ "data": { "type": kind, "attributes": {} } }),
        json!({ "data": { "type": kind, "attributes": 7, "relationships": 7 } }),
        json!({ "data": { "type": 7, "id": 7, "attributes": { "name": 7, "a/b~c": 1, "": 1 } } }),
        json!({ "data": { "type": kind, "attributes": { "name": "", "deleted_at": null } } }),
        json!({ "data": { "type": kind, "attributes": { "name": "x" }, "relationships": {
            "workspaces": {}, "owner": {}, "x/y": 7 } } }),
        json!({ "data": { "type": kind, "attributes": { "name": "x" }, "relationships": {
            "workspaces": { "data": [7, {}, { "type": "workspace" }, { "type": "people", "id": "1" },
                { "type": "workspace", "id": 7 }, { "type": "workspace", "lid": "x" }] } } } }),
        json!({ "data": { "type": kind, "attributes": { "name": "x" }, "relationships": {
            "workspaces": { "data": [identifier("workspace", NOBODY), identifier("workspace", "42")] } } } }),
    ] {
        assert_pointed(&api.post(GROUPS, body.clone()).await, &body);
    }
    for body in [
        json!({ "data": { "type": "workspace_group_workspace" } }),
        json!({ "data": { "type": "workspace_group_workspace", "relationships": {} } }),
        json!({ "data": { "type": "workspace_group_workspace", "relationships": { "workspace": {} } } }),
        json!({ "data": { "type": "workspace_group_workspace", "relationships": {
            "workspace": null, "workspace_group": { "data": null } } } }),
    ] {
        assert_pointed(&api.post(ENROLLMENTS, body.clone()).await, &body);
    }
    for body in [json!({ "data": [identifier("workspace", NOBODY)] }), json!({ "data": 7 }), json!({})] {
        assert_pointed(&api.post(&scene.members_path(), body.clone()).await, &body);
    }
    for body in [
        json!({ "data": { "type": kind, "attributes": { "name": "x" } } }),
        json!({ "data": { "type": kind, "id": NOBODY } }),
        replacement(&scene.group),
    ] {
        assert_pointed(&api.patch(&scene.group_path(), body.clone()).await, &body);
    }
}
