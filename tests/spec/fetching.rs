//! "Fetching Data": resources and relationships.

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    ENROLLMENTS, EVENTS, GROUPS, LISTS, NOBODY, PEOPLE, WORKSPACES, assert_refused, identifier, identity,
    items, members, named_group, resources, scene, send,
};
use crate::support::{Answer, JSON_API, group, workspace};

#[database_test]
async fn links_can_be_followed(pool: PgPool) {
    let scene = scene(pool).await;
    let mut links = BTreeSet::new();
    for answer in scene.successes().await {
        let mut add = |object: &Value| {
            for (_, link) in members(&object["links"]).into_iter().filter(|(_, link)| !link.is_null()) {
                links.insert(link.as_str().unwrap().to_owned());
            }
        };
        add(&answer.body);
        for resource in resources(&answer.body) {
            add(resource);
            for (_, relationship) in members(&resource["relationships"]) {
                add(relationship);
            }
        }
    }
    // Lists, resources and related resources.
    assert!(links.len() >= 5 + 5 + 20, "{links:?}");
    for link in links {
        let answer = scene.api.get(&link).await;
        assert_eq!(answer.status, 200, "{link}");
        assert_eq!(answer.body["links"]["self"], link.as_str());
    }
}

#[database_test]
async fn collection_returns_200_with_an_array(pool: PgPool) {
    let scene = scene(pool).await;
    for (path, count) in [
        (ENROLLMENTS.to_owned(), 1),
        (format!("{ENROLLMENTS}?filter[status]=removed"), 0),
        (GROUPS.to_owned(), 1),
        (format!("{GROUPS}?filter[q]=nothing"), 0),
        (WORKSPACES.to_owned(), 1),
        (PEOPLE.to_owned(), 1),
        (EVENTS.to_owned(), 1),
        (format!("{}/workspaces", scene.group_path()), 1),
        (format!("{}/workspace_groups", scene.workspace_path()), 1),
    ] {
        let answer = scene.api.get(&path).await;
        assert_eq!((answer.status, answer.ids().len()), (200, count), "{path}");
        assert_eq!(resources(&answer.body).len(), count, "{path}");
    }
}

#[database_test]
async fn single_resource_returns_200_with_it_or_null(pool: PgPool) {
    let scene = scene(pool).await;
    for path in scene.singles().await {
        let answer = scene.api.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.body["data"]["links"]["self"], path.as_str());
    }
    let answer = scene.api.get(&format!("{}/workspace", scene.enrollment_path())).await;
    assert_eq!((answer.status, answer.id()), (200, scene.workspace.clone()));
    let empty = group(&scene.app.pool, "Bare").await;
    let answer = scene.api.get(&format!("{GROUPS}/{empty}/created_by")).await;
    assert_eq!((answer.status, answer.body.get("data")), (200, Some(&Value::Null)));
}

#[database_test]
async fn unknown_resource_is_404(pool: PgPool) {
    let scene = scene(pool).await;
    for (list, code) in LISTS.into_iter().zip([
        "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND",
        "WORKSPACE_GROUP_NOT_FOUND",
        "WORKSPACE_NOT_FOUND",
        "PEOPLE_NOT_FOUND",
        "NOT_FOUND",
    ]) {
        // An id of another type does not exist here, and neither does a malformed one.
        let other = if list == ENROLLMENTS { &scene.group } else { &scene.enrollment };
        for id in [NOBODY, other.as_str(), "42"] {
            let answer = scene.api.get(&format!("{list}/{id}")).await;
            assert_refused(&answer, 404, code, Value::Null);
        }
    }
    // Related URLs of an unknown resource do not exist, either.
    for path in [
        format!("{ENROLLMENTS}/{NOBODY}/workspace"),
        format!("{GROUPS}/{NOBODY}/workspaces"),
        format!("{WORKSPACES}/{NOBODY}/workspace_groups"),
    ] {
        assert_eq!(scene.api.get(&path).await.status, 404, "{path}");
    }
}

#[database_test]
async fn relationship_links_return_200_with_linkage(pool: PgPool) {
    let scene = scene(pool).await;
    for (path, name) in scene.relationships().await {
        let resource = scene.api.get(&path).await.body["data"].clone();
        let relationship = &resource["relationships"][name];
        let answer = scene.api.get(relationship["links"]["self"].as_str().unwrap()).await;
        assert_eq!(answer.status, 200, "{path} {name}");
        if let Some(linkage) = relationship.get("data") {
            assert_eq!(&answer.body["data"], linkage, "{path} {name}");
        }
        // The related link returns the resources of the linkage.
        let related = scene.api.get(relationship["links"]["related"].as_str().unwrap()).await;
        let ends = |answer: &Answer| -> Vec<String> {
            items(&answer.body["data"]).into_iter().map(identity).collect()
        };
        assert_eq!(ends(&answer), ends(&related), "{path} {name}");
        assert_eq!(answer.body["links"]["related"], relationship["links"]["related"]);
    }
    let answer = scene.api.get(&scene.members_path()).await;
    assert_eq!(answer.body["data"], json!([identifier("workspace", &scene.workspace)]));
}

#[database_test]
async fn empty_relationship_returns_200(pool: PgPool) {
    let scene = scene(pool).await;
    let empty = group(&scene.app.pool, "Bare").await;
    let ungrouped = workspace(&scene.app.pool, "Lone").await;
    for (path, nothing) in [
        (format!("{GROUPS}/{empty}/relationships/created_by"), Value::Null),
        (format!("{GROUPS}/{empty}/relationships/workspaces"), json!([])),
        (format!("{WORKSPACES}/{ungrouped}/relationships/workspace_groups"), json!([])),
    ] {
        let answer = scene.api.get(&path).await;
        assert_eq!((answer.status, answer.body.get("data")), (200, Some(&nothing)), "{path}");
    }
}

#[database_test]
async fn unknown_relationship_is_404(pool: PgPool) {
    let scene = scene(pool).await;
    for path in [
        format!("{}/relationships/owner", scene.enrollment_path()),
        format!("{}/relationships/owner", scene.group_path()),
        format!("{}/relationships/created_by", scene.workspace_path()),
        format!("{}/relationships/workspace", scene.person_path()),
        format!("{ENROLLMENTS}/{NOBODY}/relationships/workspace"),
        format!("{GROUPS}/{NOBODY}/relationships/workspaces"),
        format!("{WORKSPACES}/{NOBODY}/relationships/workspace_groups"),
        format!("{EVENTS}/{NOBODY}/relationships/actor"),
    ] {
        let answer = scene.api.get(&path).await;
        assert_eq!((answer.status, answer.errors().len()), (404, 1), "{path}");
    }
}

/// The semantics of RFC 9110 for the methods and responses that the standard uses.
#[database_test]
async fn responses_follow_http_semantics(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    let path = scene.group_path();

    let full = api.get(&path).await;
    let head = Answer::read(api.request(Method::HEAD, &path)).await;
    assert_eq!((head.status, &head.body), (200, &Value::Null));
    for name in ["content-type", "etag"] {
        assert!(!full.header(name).is_empty(), "{name}");
        assert_eq!(head.header(name), full.header(name));
    }
    let known = api.request(Method::GET, &path).header("if-none-match", full.header("etag"));
    let known = Answer::read(known).await;
    assert_eq!((known.status, known.header("etag"), &known.body), (304, full.header("etag"), &Value::Null));

    let refused = Answer::read(api.request(Method::PUT, &path)).await;
    assert_eq!(refused.status, 405);
    assert!(["GET", "PATCH", "DELETE"].iter().all(|method| refused.header("allow").contains(method)));
    let anonymous = scene.app.anonymous().get(&path).await;
    assert_eq!(anonymous.status, 401);
    assert!(anonymous.header("www-authenticate").starts_with("Bearer"));

    let created = api.post(GROUPS, named_group("APAC")).await;
    assert_eq!((created.status, api.get(created.header("location")).await.status), (201, 200));

    let mut body = named_group("EMEA 2");
    body["data"]["id"] = json!(scene.group);
    for (tag, status) in [("\"stale\"", 412), (full.header("etag"), 200)] {
        let request = api.request(Method::PATCH, &path).header("if-match", tag);
        let request = request.header("content-type", JSON_API).body(body.to_string());
        assert_eq!(Answer::read(request).await.status, status, "{tag}");
    }

    let nobody = json!({ "data": null });
    let linkage = format!("{}/relationships/created_by", scene.enrollment_path());
    for answer in
        [send(api, Method::PATCH, &linkage, &nobody).await, api.delete(&scene.enrollment_path()).await]
    {
        assert_eq!((answer.status, answer.header("content-type"), &answer.body), (204, "", &Value::Null));
    }
}
