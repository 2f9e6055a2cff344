//! "Document Structure", from resource objects to resource identifier objects.

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    ADMIN_EVENTS, ENROLLMENTS, EVENTS, GROUPS, NOBODY, WORKSPACES, assert_refused, at, identifier,
    identifiers, identity, items, members, named_group, names, resources, scene,
};
use crate::support::{enrollment, group, workspace};

#[database_test]
async fn resources_have_type_and_id_strings(pool: PgPool) {
    let mut types = BTreeSet::new();
    for answer in scene(pool).await.successes().await {
        for resource in resources(&answer.body) {
            types.insert(resource["type"].as_str().expect("a type").to_owned());
            assert!(!resource["id"].as_str().expect("an id").is_empty(), "{resource}");
        }
    }
    let expected = [
        "admin_event",
        "enrollment_event",
        "people",
        "workspace",
        "workspace_group",
        "workspace_group_workspace",
    ];
    assert_eq!(types, BTreeSet::from(expected.map(str::to_owned)));
}

#[database_test]
async fn identity_members_must_be_strings(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    for wrong in [json!(7), Value::Null, json!(["1"])] {
        let members = [("type", "/data/type"), ("lid", "/data/lid")];
        // A null local id counts as absent, like a null id.
        for (member, pointer) in
            members.into_iter().filter(|(member, _)| *member == "type" || !wrong.is_null())
        {
            let mut body = named_group("APAC");
            body["data"][member] = wrong.clone();
            let answer = api.post(GROUPS, body).await;
            assert_refused(&answer, 422, "VALIDATION_ERROR", at(pointer));
        }
        let mut body = named_group("APAC");
        body["data"]["id"] = wrong.clone();
        let answer = api.patch(&scene.group_path(), body).await;
        assert_refused(&answer, 422, "VALIDATION_ERROR", at("/data/id"));

        for member in ["type", "id"] {
            let mut body = enrollment(&scene.group, &scene.workspace);
            body["data"]["relationships"]["workspace"]["data"][member] = wrong.clone();
            let answer = api.post(ENROLLMENTS, body).await;
            let pointer = format!("/data/relationships/workspace/data/{member}");
            assert_refused(&answer, 422, "VALIDATION_ERROR", at(&pointer));
        }
    }
}

#[database_test]
async fn type_and_id_identify_one_resource(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    let single = api.get(&scene.enrollment_path()).await.body["data"].clone();
    let listed = api.get(ENROLLMENTS).await.body["data"][0].clone();
    let event = scene.event_path().await;
    let related = api.get(&format!("{event}/enrollment")).await.body["data"].clone();
    let included_one = api.get(&format!("{EVENTS}?include=enrollment")).await.body["included"][0].clone();
    for other in [listed, related, included_one] {
        assert_eq!(other, single);
    }
    // No two resources have the same identity.
    let mut known: BTreeSet<String> = BTreeSet::new();
    for path in scene.singles().await {
        let one = api.get(&path).await.body["data"].clone();
        assert!(known.insert(identity(&one)), "{path}");
    }
}

#[database_test]
async fn field_names_are_unique_in_a_resource(pool: PgPool) {
    for answer in scene(pool).await.successes().await {
        for resource in resources(&answer.body) {
            let mut taken = BTreeSet::from(["type", "id", "lid"]);
            for part in ["attributes", "relationships"] {
                for (name, _) in members(&resource[part]) {
                    assert!(taken.insert(name), "{name} twice in {resource}");
                }
            }
        }
    }
}

#[database_test]
async fn attributes_and_relationships_are_objects(pool: PgPool) {
    for answer in scene(pool).await.successes().await {
        for resource in resources(&answer.body) {
            assert!(resource["attributes"].is_object(), "{resource}");
            let relationships = resource.get("relationships");
            assert!(relationships.is_none_or(Value::is_object), "{resource}");
            assert_eq!(relationships.is_none(), resource["type"] == "people", "{resource}");
            assert!(members(&resource["relationships"]).iter().all(|(_, value)| value.is_object()));
        }
    }
}

#[database_test]
async fn related_resources_are_relationships_not_attributes(pool: PgPool) {
    let scene = scene(pool).await;
    let ids = [&scene.group, &scene.workspace, &scene.person, &scene.enrollment];
    let mut linked = BTreeSet::new();
    for answer in scene.successes().await {
        for resource in resources(&answer.body) {
            let mut attributes = resource["attributes"].clone();
            // The subject of an administration event may be of a type that the API does not have.
            if resource["type"] == "admin_event" {
                attributes["subject_id"].take();
            }
            let attributes = attributes.to_string();
            assert!(ids.iter().all(|id| !attributes.contains(id.as_str())), "{resource}");
        }
        linked.extend(identifiers(&answer.body).into_iter().map(identity));
    }
    let expected = [
        format!("workspace_group {}", scene.group),
        format!("workspace {}", scene.workspace),
        format!("people {}", scene.person),
        format!("workspace_group_workspace {}", scene.enrollment),
    ];
    assert_eq!(linked, BTreeSet::from(expected));
}

#[database_test]
async fn relationships_have_self_and_related_links(pool: PgPool) {
    let scene = scene(pool).await;
    let mut found = BTreeSet::new();
    for answer in scene.successes().await {
        for resource in resources(&answer.body) {
            let this = resource["links"]["self"].as_str().unwrap();
            for (name, relationship) in members(&resource["relationships"]) {
                // There are no page links, because linkage of any length is paged at its own URL.
                let expected = json!({
                    "self": format!("{this}/relationships/{name}"),
                    "related": format!("{this}/{name}")
                });
                assert_eq!(relationship["links"], expected);
                assert_eq!(relationship.get("data").is_none(), name.ends_with('s'), "{name}");
                found.insert((this.to_owned(), name.to_owned()));
            }
        }
    }
    // The creation of the token wrote an administration event, too.
    let token_created = scene.api.get(&format!("{ADMIN_EVENTS}?filter[action]=api_token_created")).await;
    found.remove(&(format!("{ADMIN_EVENTS}/{}", token_created.ids()[0]), "actor".to_owned()));
    let all = scene.relationships().await.into_iter().map(|(path, name)| (path, name.to_owned()));
    assert_eq!(found, all.collect::<BTreeSet<_>>());
}

#[database_test]
async fn related_link_works_without_related_resources(pool: PgPool) {
    let scene = scene(pool).await;
    let empty = group(&scene.app.pool, "Bare").await;
    let ungrouped = workspace(&scene.app.pool, "Lone").await;
    for (path, name, nothing) in [
        (format!("{GROUPS}/{empty}"), "created_by", Value::Null),
        (format!("{GROUPS}/{empty}"), "workspaces", json!([])),
        (format!("{WORKSPACES}/{ungrouped}"), "workspace_groups", json!([])),
    ] {
        let resource = scene.api.get(&path).await.body["data"].clone();
        let link = resource["relationships"][name]["links"]["related"].as_str().unwrap().to_owned();
        let answer = scene.api.get(&link).await;
        assert_eq!((answer.status, answer.body.get("data")), (200, Some(&nothing)), "{link}");
    }
}

#[database_test]
async fn related_links_are_stable(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    let links = async || {
        let mut links = Vec::new();
        for path in [scene.enrollment_path(), scene.group_path(), scene.workspace_path()] {
            let resource = api.get(&path).await.body["data"].clone();
            for (_, relationship) in members(&resource["relationships"]) {
                links.push(relationship["links"]["related"].clone());
            }
        }
        links
    };
    let before = links().await;
    let path = format!("{}/relationships/created_by", scene.enrollment_path());
    assert_eq!(api.patch(&path, json!({ "data": null })).await.status, 204);
    assert_eq!(api.delete(&scene.enrollment_path()).await.status, 204);
    assert_eq!(links().await, before);
}

#[database_test]
async fn linkage_is_null_one_or_an_array(pool: PgPool) {
    let scene = scene(pool).await;
    let pool = &scene.app.pool;
    let (empty, beta) = (group(pool, "Bare").await, workspace(pool, "Beta").await);
    let linkage = async |path: String| scene.api.get(&path).await.body["data"].clone();

    let mine = linkage(format!("{}/relationships/created_by", scene.group_path())).await;
    assert_eq!(mine, identifier("people", &scene.person));
    assert_eq!(linkage(format!("{GROUPS}/{empty}/relationships/created_by")).await, Value::Null);
    assert_eq!(linkage(format!("{GROUPS}/{empty}/relationships/workspaces")).await, json!([]));
    assert_eq!(linkage(scene.members_path()).await, json!([identifier("workspace", &scene.workspace)]));
    scene.api.enroll(&scene.group, &beta).await;
    assert_eq!(items(&linkage(scene.members_path()).await).len(), 2);

    // The same holds within resource objects.
    let created_by = |resource: Value| resource["relationships"]["created_by"]["data"].clone();
    assert_eq!(created_by(linkage(scene.group_path()).await), identifier("people", &scene.person));
    assert_eq!(created_by(linkage(format!("{GROUPS}/{empty}")).await), Value::Null);
}

#[database_test]
async fn self_link_returns_the_resource(pool: PgPool) {
    let scene = scene(pool).await;
    let mut seen = BTreeSet::new();
    for answer in scene.successes().await {
        for resource in resources(&answer.body) {
            if seen.insert(identity(resource)) {
                let single = scene.api.get(resource["links"]["self"].as_str().unwrap()).await;
                assert_eq!((single.status, &single.body["data"]), (200, resource));
            }
        }
    }
    // Two are administration events: the token and the group were created.
    assert_eq!(seen.len(), 7);
}

#[database_test]
async fn identifiers_have_type_and_id_strings(pool: PgPool) {
    let mut seen = 0;
    for answer in scene(pool).await.successes().await {
        for identifier in identifiers(&answer.body) {
            assert_eq!(names(identifier), ["id", "type"]);
            assert!(identifier["type"].is_string() && identifier["id"].is_string(), "{identifier}");
            seen += 1;
        }
    }
    assert!(seen > 20, "{seen}");
}

#[database_test]
async fn incomplete_identifiers_are_refused(pool: PgPool) {
    let scene = scene(pool).await;
    for half in [json!({ "type": "workspace" }), json!({ "id": NOBODY }), json!({})] {
        let mut body = enrollment(&scene.group, &scene.workspace);
        body["data"]["relationships"]["workspace"]["data"] = half.clone();
        let answer = scene.api.post(ENROLLMENTS, body).await;
        assert_refused(&answer, 422, "VALIDATION_ERROR", at("/data/relationships/workspace/data"));

        let answer = scene.api.post(&scene.members_path(), json!({ "data": [half] })).await;
        assert_refused(&answer, 422, "VALIDATION_ERROR", at("/data/0"));
    }
}
