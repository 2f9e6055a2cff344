//! "Document Structure": complete documents, their links and member names. Resource objects are tested in
//! `resource_objects.rs`.

use std::collections::BTreeSet;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    ENROLLMENTS, GROUPS, LISTS, NOBODY, PROFILE, WORKSPACES, assert_refused, at, fields, identifier,
    identifiers, items, members, named_group, names, parameter, resources, scene,
};
use crate::support::{group, workspace};

#[database_test]
async fn documents_have_either_data_or_errors(pool: PgPool) {
    for answer in scene(pool).await.documents().await {
        let document = answer.body.as_object().unwrap_or_else(|| panic!("no object: {answer:?}"));
        let is_refusal = answer.status >= 400;
        assert_eq!(document.contains_key("errors"), is_refusal, "{answer:?}");
        assert_eq!(document.contains_key("data"), !is_refusal, "{answer:?}");
        assert!(document.contains_key("data") || !document.contains_key("included"), "{answer:?}");
    }
}

fn assert_only(object: &Value, allowed: &[&str]) {
    for name in names(object) {
        assert!(allowed.contains(&name), "{name} in {object}");
    }
}

#[database_test]
async fn responses_have_only_standard_members(pool: PgPool) {
    const PAGES: [&str; 4] = ["first", "last", "prev", "next"];
    for answer in scene(pool).await.documents().await {
        let document = &answer.body;
        assert_only(document, &["data", "errors", "meta", "jsonapi", "links", "included"]);
        if let Some(links) = document.get("links") {
            assert_only(links, &[["self", "related", "describedby"].as_slice(), PAGES.as_slice()].concat());
        }
        if let Some(jsonapi) = document.get("jsonapi") {
            assert_only(jsonapi, &["version", "ext", "profile", "meta"]);
        }
        for resource in resources(document) {
            assert_only(resource, &["type", "id", "attributes", "relationships", "links", "meta"]);
            assert_only(&resource["links"], &["self"]);
            for (_, relationship) in members(&resource["relationships"]) {
                assert_only(relationship, &["data", "links", "meta"]);
                assert_only(
                    &relationship["links"],
                    &[["self", "related"].as_slice(), PAGES.as_slice()].concat(),
                );
            }
        }
        for identifier in identifiers(document) {
            assert_only(identifier, &["type", "id", "meta"]);
        }
        for error in items(&document["errors"]) {
            assert_only(error, &["id", "links", "status", "code", "title", "detail", "source", "meta"]);
            if let Some(links) = error.get("links") {
                assert_only(links, &["about", "type"]);
            }
            if let Some(source) = error.get("source") {
                assert_only(source, &["pointer", "parameter", "header"]);
            }
        }
    }
}

#[database_test]
async fn unknown_members_of_requests_are_ignored(pool: PgPool) {
    let scene = scene(pool).await;
    let beta = workspace(&scene.app.pool, "Beta").await;
    let body = json!({
        "note": 1,
        "operations": [],
        "data": {
            "type": "workspace_group_workspace",
            "note": { "type": "workspace" },
            "created_at": "1999-01-01T00:00:00.000Z",
            "relationships": {
                "workspace_group": {
                    "data": { "type": "workspace_group", "id": scene.group, "note": 1 },
                    "note": 1
                },
                "workspace": { "data": { "type": "workspace", "id": beta, "name": "Gamma" } }
            }
        }
    });
    let answer = scene.api.post(ENROLLMENTS, body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let plain = scene.api.get(answer.header("location")).await;
    assert_eq!(plain.body["data"], answer.body["data"]);
    assert_ne!(answer.body["data"]["attributes"]["created_at"], "1999-01-01T00:00:00.000Z");
}

#[database_test]
async fn primary_data_is_single_or_a_list_by_url(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    for path in LISTS {
        let answer = api.get(path).await;
        assert!(answer.body["data"].is_array(), "{path}");
        assert_eq!(resources(&answer.body).len(), answer.ids().len(), "{path}");
    }
    for path in scene.singles().await {
        let answer = api.get(&path).await;
        assert!(answer.body["data"].is_object() && answer.body["data"].get("links").is_some(), "{path}");
    }
    for (path, name) in scene.relationships().await {
        let is_many = name.ends_with('s');
        let related = api.get(&format!("{path}/{name}")).await;
        let linkage = api.get(&format!("{path}/relationships/{name}")).await;
        for answer in [&related, &linkage] {
            assert_eq!(answer.body["data"].is_array(), is_many, "{path} {name}");
            assert_eq!(answer.body["data"].is_object(), !is_many, "{path} {name}");
            assert_eq!(items(&answer.body["data"]).len(), 1, "{path} {name}");
        }
        assert_eq!((resources(&related.body).len(), resources(&linkage.body).len()), (1, 0));
    }
    // The URL of a single resource that is null.
    let empty = group(&scene.app.pool, "Bare").await;
    for path in ["created_by", "relationships/created_by"] {
        let answer = api.get(&format!("{GROUPS}/{empty}/{path}")).await;
        assert_eq!(answer.body.get("data"), Some(&Value::Null), "{path}");
    }
}

#[database_test]
async fn collections_are_arrays_of_any_length(pool: PgPool) {
    let scene = scene(pool).await;
    workspace(&scene.app.pool, "Beta").await;
    for (search, count) in [("nothing", 0), ("acme", 1), ("e", 2)] {
        let answer = scene.api.get(&format!("{WORKSPACES}?filter[q]={search}")).await;
        assert_eq!(answer.body["data"].as_array().map(Vec::len), Some(count), "{search}");
    }
}

#[database_test]
async fn meta_is_an_object(pool: PgPool) {
    let scene = scene(pool).await;
    let answer = scene.api.get(&format!("{ENROLLMENTS}?page[total]=true")).await;
    assert_eq!(answer.body["meta"], json!({ "page": { "total": 1 } }));
    for answer in scene.documents().await {
        let mut found = Vec::new();
        all_named("meta", &answer.body, &mut found);
        assert!(found.iter().all(|meta| meta.is_object()), "{answer:?}");
        assert!(answer.status < 400 || !found.is_empty(), "{answer:?}");
    }
}

/// Collects every member with this name, at any depth.
fn all_named<'a>(wanted: &str, value: &'a Value, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(object) => {
            for (name, member) in object {
                if name == wanted {
                    found.push(member);
                }
                all_named(wanted, member, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                all_named(wanted, item, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether the text has only characters that RFC 3986 allows in a URI, and can be parsed as one.
fn is_uri_reference(text: &str) -> bool {
    let is_allowed = |sign: char| sign.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(sign);
    let base = reqwest::Url::parse("http://desk.example.com").unwrap();
    !text.is_empty() && text.chars().all(is_allowed) && base.join(text).is_ok()
}

#[database_test]
async fn links_are_uri_references_or_null(pool: PgPool) {
    let mut seen = 0;
    for answer in scene(pool).await.documents().await {
        let mut found = Vec::new();
        all_named("links", &answer.body, &mut found);
        for links in found {
            assert!(links.is_object(), "{links}");
            for (name, link) in members(links) {
                let is_page = ["prev", "next"].contains(&name);
                let is_sound = link.as_str().map_or(is_page && link.is_null(), is_uri_reference);
                assert!(is_sound, "{name} in {links}");
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "{seen}");
}

#[database_test]
async fn jsonapi_object_has_version_and_applied_profiles(pool: PgPool) {
    let scene = scene(pool).await;
    for path in LISTS {
        let answer = scene.api.get(path).await;
        assert_eq!(answer.body["jsonapi"], json!({ "version": "1.1", "profile": [PROFILE] }), "{path}");
    }
    for answer in scene.documents().await {
        if let Some(jsonapi) = answer.body.get("jsonapi") {
            assert!(jsonapi.is_object(), "{answer:?}");
        }
    }
}

#[database_test]
async fn member_names_are_legal_and_url_safe(pool: PgPool) {
    let mut found = BTreeSet::new();
    for answer in scene(pool).await.documents().await {
        let document = &answer.body;
        for resource in resources(document) {
            found.insert(resource["type"].as_str().unwrap().to_owned());
            found.extend(fields(resource).into_iter().map(str::to_owned));
        }
        for identifier in identifiers(document) {
            found.insert(identifier["type"].as_str().unwrap().to_owned());
        }
        let mut metas = Vec::new();
        all_named("meta", document, &mut metas);
        found.extend(metas.into_iter().flat_map(members).map(|(name, _)| name.to_owned()));
    }
    for expected in ["workspace_group_workspace", "deleted_at", "workspace_groups", "page", "trace_id"] {
        assert!(found.contains(expected), "{expected} is not in {found:?}");
    }
    for name in found {
        let is_edge = |sign: Option<char>| sign.is_some_and(|sign| sign.is_ascii_alphanumeric());
        assert!(is_edge(name.chars().next()) && is_edge(name.chars().next_back()), "{name}");
        assert!(name.chars().all(|sign| sign.is_ascii_alphanumeric() || "-_".contains(sign)), "{name}");
    }
}

#[database_test]
async fn member_names_are_case_sensitive(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    let mut body = named_group("APAC");
    body["data"]["attributes"]["Name"] = json!("APAC");
    let answer = api.post(GROUPS, body).await;
    assert_refused(&answer, 422, "VALIDATION_ERROR", at("/data/attributes/Name"));

    let answer = api.post(GROUPS, json!({ "Data": named_group("APAC")["data"], "data": null })).await;
    assert_refused(&answer, 422, "VALIDATION_ERROR", at("/data"));

    let mut body = named_group("APAC");
    body["data"]["type"] = json!("Workspace_Group");
    assert_refused(&api.post(GROUPS, body).await, 409, "TYPE_MISMATCH", at("/data/type"));

    for (query, name) in [
        ("include=Workspace", "include"),
        ("fields[Workspace]=name", "fields[Workspace]"),
        ("fields[workspace]=Name", "fields[workspace]"),
        ("sort=Created_at", "sort"),
        ("Sort=created_at", "Sort"),
    ] {
        let answer = api.get(&format!("{ENROLLMENTS}?{query}")).await;
        assert_refused(&answer, 400, "INVALID_QUERY_PARAMETER", parameter(name));
    }
}

#[database_test]
async fn at_members_are_ignored_everywhere(pool: PgPool) {
    let scene = scene(pool).await;
    let body = json!({
        "@context": "https://example.com/context",
        "data": {
            "@type": "workspace",
            "type": "workspace_group",
            "attributes": { "@id": NOBODY, "name": "APAC" },
            "relationships": {
                "@workspaces": { "data": 7 },
                "workspaces": {
                    "@count": 1,
                    "data": [{ "@type": "people", "type": "workspace", "id": scene.workspace }]
                }
            }
        }
    });
    let created = scene.api.post(GROUPS, body).await;
    assert_eq!(created.status, 201, "{created:?}");
    let path = created.header("location");
    let members = scene.api.get(&format!("{path}/relationships/workspaces")).await;
    assert_eq!(members.body["data"], json!([identifier("workspace", &scene.workspace)]));

    let body = json!({ "data": {
        "type": "workspace_group", "id": created.id(), "attributes": { "@name": "Other" } } });
    let updated = scene.api.patch(path, body).await;
    assert_eq!((updated.status, &updated.body["data"]["attributes"]["name"]), (200, &json!("APAC")));
}
