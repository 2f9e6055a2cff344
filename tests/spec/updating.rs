//! "Updating Resources".

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    ENROLLMENTS, GROUPS, NOBODY, PEOPLE, WORKSPACES, assert_refused, at, identifier, named_group,
    replacement, scene,
};
use crate::support::{event_count, row, time, workspace};

/// The document of an update.
fn change(kind: &str, id: &str, part: &str, value: Value) -> Value {
    json!({ "data": { "type": kind, "id": id, part: value } })
}

#[database_test]
async fn update_requires_one_resource_object_with_type_and_id(pool: PgPool) {
    let scene = scene(pool).await;
    let whole = change("workspace_group", &scene.group, "attributes", json!({ "name": "Other" }));
    let without = |name: &str| {
        let mut body = whole.clone();
        body["data"].as_object_mut().unwrap().remove(name).unwrap();
        body
    };
    for (body, pointer) in [
        (json!({}), ""),
        (json!({ "data": null }), "/data"),
        (json!({ "data": [whole["data"]] }), "/data"),
        (without("type"), "/data"),
        (without("id"), "/data"),
    ] {
        let answer = scene.api.patch(&scene.group_path(), body).await;
        assert_refused(&answer, 422, "VALIDATION_ERROR", at(pointer));
    }
    let answer = scene.api.get(&scene.group_path()).await;
    assert_eq!(answer.body["data"]["attributes"]["name"], "EMEA");
}

#[database_test]
async fn absent_attributes_stay_unchanged(pool: PgPool) {
    let scene = scene(pool).await;
    let body = json!({ "data": { "type": "workspace", "attributes": {
        "name": "Beta",
        "description": "Anvils",
        "external_workspace_id": "b-1",
        "avatar_color": "#aabbcc"
    }}});
    let created = scene.api.post(WORKSPACES, body).await;
    let (id, path) = (created.id(), created.header("location"));
    for (attributes, expected) in [
        (json!({ "name": "Gamma" }), json!(["Gamma", "Anvils", "b-1", "#aabbcc"])),
        (json!({}), json!(["Gamma", "Anvils", "b-1", "#aabbcc"])),
        // Null is a value and differs from an absent member.
        (json!({ "description": null }), json!(["Gamma", null, "b-1", "#aabbcc"])),
    ] {
        let answer = scene.api.patch(path, change("workspace", &id, "attributes", attributes)).await;
        assert_eq!(answer.status, 200);
        let shown = &answer.body["data"]["attributes"];
        let names = ["name", "description", "external_workspace_id", "avatar_color"];
        assert_eq!(json!(names.map(|name| &shown[name])), expected);
        assert_eq!(scene.api.get(path).await.body["data"], answer.body["data"]);
    }

    let body = change("people", &scene.person, "attributes", json!({ "last_name": "Lopes" }));
    let answer = scene.api.patch(&scene.person_path(), body).await;
    let shown = &answer.body["data"]["attributes"];
    assert_eq!((&shown["first_name"], &shown["email"]), (&json!("Ana"), &json!("ana@example.com")));
}

#[database_test]
async fn absent_relationships_stay_unchanged(pool: PgPool) {
    let scene = scene(pool).await;
    let kind = "workspace_group_workspace";
    for body in [
        json!({ "data": { "type": kind, "id": scene.enrollment } }),
        change(kind, &scene.enrollment, "relationships", json!({})),
    ] {
        let before = scene.api.get(&scene.enrollment_path()).await;
        let answer = scene.api.patch(&scene.enrollment_path(), body).await;
        assert_eq!((answer.status, &answer.body["data"]), (200, &before.body["data"]));
        let created_by = &answer.body["data"]["relationships"]["created_by"]["data"];
        assert_eq!(created_by, &identifier("people", &scene.person));
    }
    let body = change("workspace_group", &scene.group, "attributes", json!({ "name": "Other" }));
    let answer = scene.api.patch(&scene.group_path(), body).await;
    let created_by = &answer.body["data"]["relationships"]["created_by"]["data"];
    assert_eq!(created_by, &identifier("people", &scene.person));
    assert_eq!(scene.api.get(&scene.members_path()).await.ids(), [scene.workspace.as_str()]);
}

#[database_test]
async fn relationship_of_an_update_requires_data(pool: PgPool) {
    let scene = scene(pool).await;
    for wrong in [json!({}), json!({ "links": {} }), json!({ "meta": { "data": null } })] {
        let relationships = json!({ "created_by": wrong });
        let body = change("workspace_group_workspace", &scene.enrollment, "relationships", relationships);
        let answer = scene.api.patch(&scene.enrollment_path(), body).await;
        assert_refused(&answer, 422, "VALIDATION_ERROR", at("/data/relationships/created_by"));
    }
}

#[database_test]
async fn full_replacement_is_403_and_changes_nothing(pool: PgPool) {
    let scene = scene(pool).await;
    let answer = scene.api.patch(&scene.group_path(), replacement(&scene.group)).await;
    let place = at("/data/relationships/workspaces");
    assert_refused(&answer, 403, "FULL_REPLACEMENT_UNSUPPORTED", place);
    let group = scene.api.get(&scene.group_path()).await;
    assert_eq!(group.body["data"]["attributes"]["name"], "EMEA");
    assert_eq!(scene.api.get(&scene.members_path()).await.ids(), [scene.workspace.as_str()]);
}

#[database_test]
async fn update_with_side_effects_returns_the_resource(pool: PgPool) {
    let scene = scene(pool).await;
    sqlx::query("UPDATE core_api.workspace_groups SET updated_at = $1")
        .bind(time("2020-05-01T00:00:00Z"))
        .execute(&scene.app.pool)
        .await
        .unwrap();
    let body = change("workspace_group", &scene.group, "attributes", json!({ "name": "EMEA 2" }));
    let answer = scene.api.patch(&scene.group_path(), body).await;
    assert_eq!((answer.status, answer.id()), (200, scene.group.clone()));
    let shown = &answer.body["data"]["attributes"];
    assert_eq!(shown["name"], "EMEA 2");
    assert!(shown["updated_at"].as_str().unwrap() > "2021", "{shown}");
    assert_eq!(scene.api.get(&scene.group_path()).await.body, answer.body);
}

#[database_test]
async fn update_without_changes_returns_200_with_resource(pool: PgPool) {
    let scene = scene(pool).await;
    let pool = &scene.app.pool;
    let before = (row(pool, &scene.enrollment).await, event_count(pool).await);
    let same = json!({ "created_by": { "data": identifier("people", &scene.person) } });
    let body = change("workspace_group_workspace", &scene.enrollment, "relationships", same);
    let answer = scene.api.patch(&scene.enrollment_path(), body).await;
    assert_eq!((answer.status, answer.id()), (200, scene.enrollment.clone()));
    assert_eq!((row(pool, &scene.enrollment).await, event_count(pool).await), before);

    let shown = scene.api.get(&scene.group_path()).await;
    let body = change("workspace_group", &scene.group, "attributes", json!({ "name": "EMEA" }));
    let answer = scene.api.patch(&scene.group_path(), body).await;
    assert_eq!((answer.status, answer.body), (200, shown.body));
}

#[database_test]
async fn unsupported_update_is_403(pool: PgPool) {
    let scene = scene(pool).await;
    let end = |kind: &str, id: &str| json!({ "data": identifier(kind, id) });
    let (enrollment, group) = (&scene.enrollment, &scene.group);
    let kind = "workspace_group_workspace";
    let (read_only, computed) = ("RELATIONSHIP_READ_ONLY", "SYSTEM_FIELD_READ_ONLY");
    for (path, kind, id, part, name, value, code) in [
        (
            scene.enrollment_path(),
            kind,
            enrollment,
            "relationships",
            "workspace",
            end("workspace", &scene.workspace),
            read_only,
        ),
        (
            scene.enrollment_path(),
            kind,
            enrollment,
            "relationships",
            "workspace_group",
            end("workspace_group", group),
            read_only,
        ),
        (
            scene.group_path(),
            "workspace_group",
            group,
            "relationships",
            "created_by",
            end("people", &scene.person),
            read_only,
        ),
        (
            scene.workspace_path(),
            "workspace",
            &scene.workspace,
            "relationships",
            "workspace_groups",
            json!({ "data": [] }),
            read_only,
        ),
        (scene.enrollment_path(), kind, enrollment, "attributes", "deleted_at", json!(null), computed),
        (scene.group_path(), "workspace_group", group, "attributes", "created_at", json!(null), computed),
        (scene.person_path(), "people", &scene.person, "attributes", "updated_at", json!(null), computed),
    ] {
        let answer = scene.api.patch(&path, change(kind, id, part, json!({ name: value }))).await;
        assert_refused(&answer, 403, code, at(&format!("/data/{part}/{name}")));
    }
}

#[database_test]
async fn update_of_an_unknown_resource_is_404(pool: PgPool) {
    let scene = scene(pool).await;
    for (list, kind, code) in [
        (ENROLLMENTS, "workspace_group_workspace", "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND"),
        (GROUPS, "workspace_group", "WORKSPACE_GROUP_NOT_FOUND"),
        (WORKSPACES, "workspace", "WORKSPACE_NOT_FOUND"),
        (PEOPLE, "people", "PEOPLE_NOT_FOUND"),
    ] {
        for id in [NOBODY, "42"] {
            let body = json!({ "data": { "type": kind, "id": id } });
            let answer = scene.api.patch(&format!("{list}/{id}"), body).await;
            assert_refused(&answer, 404, code, Value::Null);
        }
    }
}

#[database_test]
async fn update_with_an_unknown_relation_is_404(pool: PgPool) {
    let scene = scene(pool).await;
    let nobody = json!({ "created_by": { "data": identifier("people", NOBODY) } });
    let body = change("workspace_group_workspace", &scene.enrollment, "relationships", nobody);
    let answer = scene.api.patch(&scene.enrollment_path(), body).await;
    assert_refused(&answer, 404, "PEOPLE_NOT_FOUND", at("/data/relationships/created_by/data/id"));
}

#[database_test]
async fn type_or_id_unlike_the_url_is_409(pool: PgPool) {
    let scene = scene(pool).await;
    let beta = workspace(&scene.app.pool, "Beta").await;
    for (path, kind, id, code, pointer) in [
        (scene.group_path(), "workspace", &scene.group, "TYPE_MISMATCH", "/data/type"),
        (scene.group_path(), "workspace_group", &scene.workspace, "ID_MISMATCH", "/data/id"),
        (scene.workspace_path(), "workspace", &beta, "ID_MISMATCH", "/data/id"),
        (scene.person_path(), "person", &scene.person, "TYPE_MISMATCH", "/data/type"),
        (scene.enrollment_path(), "workspace_group_workspace", &beta, "ID_MISMATCH", "/data/id"),
    ] {
        let body = json!({ "data": { "type": kind, "id": id } });
        assert_refused(&scene.api.patch(&path, body).await, 409, code, at(pointer));
    }
    let mut body = named_group("Other");
    body["data"]["id"] = json!(scene.group.to_uppercase());
    assert_eq!(scene.api.patch(&scene.group_path(), body).await.status, 200);
}
