//! "Sparse Fieldsets".

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use super::{
    ENROLLMENTS, EVENTS, GROUPS, PEOPLE, WORKSPACES, assert_refused, fields, included, items, named_group,
    parameter, resources, scene,
};

#[database_test]
async fn only_requested_fields_are_returned(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    let event = scene.event_path().await;
    for (path, kind, requested) in [
        (ENROLLMENTS.to_owned(), "workspace_group_workspace", "created_at,workspace"),
        (scene.enrollment_path(), "workspace_group_workspace", "created_by"),
        (scene.enrollment_path(), "workspace_group_workspace", "deleted_at,updated_at"),
        (GROUPS.to_owned(), "workspace_group", "name,workspaces"),
        (scene.group_path(), "workspace_group", "created_by,name"),
        (WORKSPACES.to_owned(), "workspace", "external_workspace_id,workspace_groups"),
        (scene.workspace_path(), "workspace", "name"),
        (PEOPLE.to_owned(), "people", "email,last_name"),
        (scene.person_path(), "people", "first_name"),
        (EVENTS.to_owned(), "enrollment_event", "action,enrollment"),
        (event, "enrollment_event", "actor,actor_name"),
        (format!("{}/workspaces", scene.group_path()), "workspace", "name"),
        (format!("{}/workspace_group", scene.enrollment_path()), "workspace_group", "name"),
    ] {
        let answer = api.get(&format!("{path}?fields[{kind}]={requested}")).await;
        assert_eq!(answer.status, 200, "{path} {requested}");
        let shown = resources(&answer.body);
        assert_eq!(shown.len(), 1, "{path}");
        assert_eq!(fields(shown[0]).join(","), requested, "{path}");
        assert_eq!(shown[0]["type"], kind);
    }
}

#[database_test]
async fn included_resources_have_their_own_fields(pool: PgPool) {
    let scene = scene(pool).await;
    let query = "include=workspace,created_by&fields[workspace]=name&fields[people]=email\
                 &fields[workspace_group_workspace]=created_at";
    for path in [ENROLLMENTS.to_owned(), scene.enrollment_path()] {
        let answer = scene.api.get(&format!("{path}?{query}")).await;
        assert_eq!(answer.status, 200, "{path}");
        for resource in resources(&answer.body) {
            let field = match resource["type"].as_str().unwrap() {
                "workspace" => "name",
                "people" => "email",
                _ => "created_at",
            };
            assert_eq!(fields(resource), [field], "{path}");
        }
        // The linkage is left out, but its target is still included: this is the only exception from full
        // linkage.
        let expected = [format!("workspace {}", scene.workspace), format!("people {}", scene.person)];
        assert_eq!(included(&answer), BTreeSet::from(expected), "{path}");
    }
}

#[database_test]
async fn fields_apply_to_responses_of_changes(pool: PgPool) {
    let scene = scene(pool).await;
    let query = "fields[workspace_group]=name&include=created_by&fields[people]=";
    let created = scene.api.post(&format!("{GROUPS}?{query}"), named_group("APAC")).await;
    assert_eq!(created.status, 201);
    let mut body = named_group("EMEA 2");
    body["data"]["id"] = json!(scene.group);
    let updated = scene.api.patch(&format!("{}?{query}", scene.group_path()), body).await;
    assert_eq!(updated.status, 200);
    for answer in [created, updated] {
        assert_eq!(fields(&answer.body["data"]), ["name"]);
        assert_eq!(fields(&answer.body["included"][0]), Vec::<&str>::new());
    }
}

#[database_test]
async fn fields_are_comma_separated_names_or_empty(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    for path in [ENROLLMENTS.to_owned(), scene.enrollment_path()] {
        let answer = api.get(&format!("{path}?fields[workspace_group_workspace]=")).await;
        assert_eq!(answer.status, 200);
        let shown = items(&answer.body["data"])[0];
        assert_eq!(fields(shown), Vec::<&str>::new());
        assert_eq!(shown["links"]["self"], scene.enrollment_path().as_str());
    }
    for (name, value) in [
        ("fields[workspace_group_workspace]", "created_at,color"),
        ("fields[workspace_group_workspace]", "created_at;deleted_at"),
        ("fields[workspace_group_workspace]", "created_at,"),
        ("fields[workspace_group_workspace]", "workspace.name"),
        ("fields[workspace_group_workspace]", "id"),
        ("fields[people]", "name"),
        ("fields[color]", "name"),
        ("fields[]", "name"),
        ("fields", "name"),
    ] {
        let answer = api.get(&format!("{ENROLLMENTS}?{name}={value}")).await;
        assert_refused(&answer, 400, "INVALID_QUERY_PARAMETER", parameter(name));
    }
    // Types without `fields` are complete.
    let plain = api.get(&scene.enrollment_path()).await.body["data"].clone();
    let other = api.get(&format!("{}?fields[people]=email", scene.enrollment_path())).await;
    assert_eq!((other.status, &other.body["data"]), (200, &plain));
}
