//! "Inclusion of Related Resources" and "Compound Documents".

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    ENROLLMENTS, EVENTS, GROUPS, LISTS, assert_refused, identity, included, items, members, named_group,
    parameter, resources, scene,
};
use crate::support::{enroll, enrollment, group, person, time, workspace};

#[database_test]
async fn include_is_refused_where_unsupported(pool: PgPool) {
    let scene = scene(pool).await;
    for (path, name) in scene.relationships().await {
        let answer = scene.api.get(&format!("{path}/relationships/{name}?include={name}")).await;
        assert_refused(&answer, 400, "INVALID_QUERY_PARAMETER", parameter("include"));
    }
}

#[database_test]
async fn included_is_present_even_when_empty(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    let beta = workspace(&scene.app.pool, "Beta").await;
    let without_creator = enroll(&scene.app.pool, &scene.group, &beta, time("2026-05-01T00:00:00Z")).await;
    for path in [
        format!("{ENROLLMENTS}/{without_creator}?include=created_by"),
        format!("{ENROLLMENTS}/{without_creator}?include="),
        format!("{ENROLLMENTS}?include="),
        format!("{ENROLLMENTS}?filter[status]=removed&include=workspace"),
        format!("{ENROLLMENTS}/{without_creator}/workspace_group?include="),
    ] {
        let answer = api.get(&path).await;
        assert_eq!((answer.status, answer.body.get("included")), (200, Some(&json!([]))), "{path}");
    }
    let ana = BTreeSet::from([format!("people {}", scene.person)]);
    assert_eq!(included(&api.get(&format!("{GROUPS}?include=created_by")).await), ana);
    let related = format!("{}/workspace_group?include=created_by", scene.enrollment_path());
    assert_eq!(included(&api.get(&related).await), ana);

    // This holds for all methods.
    let cobalt = workspace(&scene.app.pool, "Cobalt").await;
    let path = format!("{ENROLLMENTS}?include=workspace,created_by");
    let created = api.post(&path, enrollment(&scene.group, &cobalt)).await;
    assert_eq!(created.status, 201);
    let expected = [format!("people {}", scene.person), format!("workspace {cobalt}")];
    assert_eq!(included(&created), BTreeSet::from(expected));
    let mut body = named_group("EMEA 2");
    body["data"]["id"] = json!(scene.group);
    let updated = api.patch(&format!("{}?include=created_by", scene.group_path()), body).await;
    assert_eq!((updated.status, included(&updated)), (200, ana));
}

#[database_test]
async fn only_requested_resources_are_included(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    for path in scene.singles().await.into_iter().chain(LISTS.map(str::to_owned)) {
        assert_eq!(api.get(&path).await.body.get("included"), None, "{path}");
    }
    for (include, kind) in
        [("workspace_group", "workspace_group"), ("workspace", "workspace"), ("created_by", "people")]
    {
        for path in [ENROLLMENTS.to_owned(), scene.enrollment_path()] {
            let answer = api.get(&format!("{path}?include={include}")).await;
            let kinds: Vec<&Value> =
                items(&answer.body["included"]).into_iter().map(|one| &one["type"]).collect();
            assert_eq!(kinds, [kind], "{path} {include}");
        }
    }
}

#[database_test]
async fn include_paths_use_commas_and_dots(pool: PgPool) {
    let scene = scene(pool).await;
    let (group, workspace) =
        (format!("workspace_group {}", scene.group), format!("workspace {}", scene.workspace));
    let person = format!("people {}", scene.person);
    let enrollment = format!("workspace_group_workspace {}", scene.enrollment);
    let event = scene.event_path().await;
    let this = scene.enrollment_path();
    // Intermediate resources of a path are included.
    for (path, include, expected) in [
        (&this, "workspace", vec![&workspace]),
        (&this, "workspace,workspace_group", vec![&workspace, &group]),
        (&this, "workspace_group.created_by", vec![&group, &person]),
        (&this, "workspace_group.created_by,workspace", vec![&group, &person, &workspace]),
        (&this, "created_by,workspace_group.created_by", vec![&group, &person]),
        (&event, "enrollment,actor", vec![&enrollment, &person]),
        (&event, "enrollment.created_by", vec![&enrollment, &person]),
        (&event, "workspace_group.created_by,workspace", vec![&group, &person, &workspace]),
    ] {
        let answer = scene.api.get(&format!("{path}?include={include}")).await;
        let expected: BTreeSet<String> = expected.into_iter().cloned().collect();
        assert_eq!(included(&answer), expected, "{path} {include}");
    }
}

#[database_test]
async fn unknown_include_path_is_400(pool: PgPool) {
    let scene = scene(pool).await;
    for (path, include) in [
        (ENROLLMENTS.to_owned(), "owner"),
        (scene.enrollment_path(), "workspace,owner"),
        (scene.enrollment_path(), "workspace.owner"),
        (scene.enrollment_path(), "workspace,"),
        (scene.enrollment_path(), "workspace%20"),
        // A relationship that exists, but cannot be included.
        (scene.group_path(), "workspaces"),
        (scene.workspace_path(), "workspace_groups"),
        (scene.person_path(), "workspace_group"),
        (EVENTS.to_owned(), "enrollment.workspace"),
        (format!("{}/workspace_group", scene.enrollment_path()), "workspace"),
    ] {
        let answer = scene.api.get(&format!("{path}?include={include}")).await;
        assert_refused(&answer, 400, "INVALID_QUERY_PARAMETER", parameter("include"));
    }
}

/// The identities that linkage reaches from the primary data within this document.
fn linked(document: &Value) -> BTreeSet<String> {
    let mut reached: BTreeSet<String> = items(&document["data"]).into_iter().map(identity).collect();
    loop {
        let before = reached.len();
        for resource in resources(document) {
            if reached.contains(&identity(resource)) {
                for (_, relationship) in members(&resource["relationships"]) {
                    reached.extend(items(&relationship["data"]).into_iter().map(identity));
                }
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

#[database_test]
async fn included_resources_are_linked_and_unique(pool: PgPool) {
    let scene = scene(pool).await;
    let pool = &scene.app.pool;
    let api = &scene.api;
    // Two people, three groups and two workspaces, linked to each other.
    let bo = person(pool, "Bo", "Ek", "bo@example.com").await;
    let by_bo = scene.app.api_client_for("bo@example.com", &["write"]).await;
    let apac = by_bo.post(GROUPS, named_group("APAC")).await.id();
    let beta = workspace(pool, "Beta").await;
    let empty = group(pool, "Bare").await;
    by_bo.enroll(&scene.group, &beta).await;
    api.enroll(&apac, &beta).await;
    api.enroll(&empty, &scene.workspace).await;

    let everything = "workspace_group.created_by,workspace,created_by";
    let of_events = "enrollment.created_by,workspace_group.created_by,workspace,actor";
    for (path, count) in [
        (format!("{ENROLLMENTS}?include={everything}"), 7),
        (format!("{ENROLLMENTS}?include={everything}&filter[workspace_group]={}", scene.group), 5),
        (format!("{EVENTS}?include={of_events}"), 11),
        (format!("{}?include={everything}", scene.enrollment_path()), 3),
    ] {
        let answer = api.get(&path).await;
        assert!(answer.body["included"].is_array(), "{path}");
        let all: Vec<String> = resources(&answer.body).into_iter().map(identity).collect();
        let distinct: BTreeSet<String> = all.iter().cloned().collect();
        assert_eq!(distinct.len(), all.len(), "{path}: {all:?}");
        assert_eq!(items(&answer.body["included"]).len(), count, "{path}: {all:?}");
        assert!(distinct.is_subset(&linked(&answer.body)), "{path}");
    }
    let answer = api.get(&format!("{ENROLLMENTS}?include={everything}")).await;
    assert!(included(&answer).contains(&format!("people {bo}")));
}
