//! Entity tags and conditional requests: `If-None-Match` saves the transfer of known representations, and
//! `If-Match` prevents changes to a state that the client has not seen.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{
    Answer, ApiClient, JSON_API, TestApp, admin_events, enroll, event_count, group, person, row, time,
    workspace,
};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// A resource, and two documents that change it in different ways.
struct Resource {
    path: String,
    changes: [Value; 2],
}

fn resource(base: &str, kind: &str, id: &str, changes: [Value; 2]) -> Resource {
    let changes = changes.map(|mut data| {
        data["type"] = json!(kind);
        data["id"] = json!(id);
        json!({ "data": data })
    });
    Resource { path: format!("/v1/{base}/{id}"), changes }
}

fn named(name: &str) -> Value {
    json!({ "attributes": { "name": name } })
}

fn attributed(person: Option<&str>) -> Value {
    let data = person.map(|id| json!({ "type": "people", "id": id }));
    json!({ "relationships": { "created_by": { "data": data } } })
}

/// One resource of each type that can be changed and removed.
async fn resources(pool: &PgPool) -> Vec<Resource> {
    let (emea, acme) = (group(pool, "EMEA").await, workspace(pool, "Acme").await);
    let live = enroll(pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let ana = person(pool, "Ana", "Lima", "ana@example.com").await;
    let bo = person(pool, "Bo", "Ek", "bo@example.com").await;
    let first_named = |name: &str| json!({ "attributes": { "first_name": name } });
    vec![
        resource(
            "workspace-group-workspaces",
            "workspace_group_workspace",
            &live,
            [attributed(Some(&ana)), attributed(None)],
        ),
        resource(
            "workspace-groups",
            "workspace_group",
            &group(pool, "APAC").await,
            [named("One"), named("Other")],
        ),
        resource("workspaces", "workspace", &workspace(pool, "Beta").await, [named("One"), named("Other")]),
        resource("people", "people", &bo, [first_named("Bodil"), first_named("Bodo")]),
    ]
}

async fn send_conditional(
    api: &ApiClient,
    method: Method,
    path: &str,
    (name, value): (&str, &str),
    body: &Value,
) -> Answer {
    let request = api.request(method, path).header(name, value);
    Answer::read(request.header("content-type", JSON_API).body(body.to_string())).await
}

async fn get_unless(api: &ApiClient, path: &str, tags: &str) -> Answer {
    Answer::read(api.request(Method::GET, path).header("if-none-match", tags)).await
}

/// The entity tag of the response, which must be a strong one.
fn tag(answer: &Answer) -> String {
    let tag = answer.header("etag").to_owned();
    let inner = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or_default();
    assert!(!inner.is_empty() && !inner.contains(['"', ' ', ',']), "{tag:?} in {answer:?}");
    tag
}

fn assert_stale(answer: &Answer) {
    let source = json!({ "header": "If-Match" });
    assert_eq!(
        (answer.status, answer.errors()),
        (412, vec![("412".to_owned(), "PRECONDITION_FAILED".to_owned(), source)]),
        "{answer:?}"
    );
}

fn assert_not_modified(answer: &Answer, tag: &str) {
    assert_eq!((answer.status, &answer.body), (304, &Value::Null), "{answer:?}");
    assert_eq!((answer.header("etag"), answer.header("content-type")), (tag, ""));
    assert_eq!(answer.header("vary"), "accept");
}

#[database_test]
async fn entity_tag_is_strong_and_changes_with_the_resource(pool: PgPool) {
    let resources = resources(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    for resource in resources {
        let first = api.get(&resource.path).await;
        assert_eq!(tag(&api.get(&resource.path).await), tag(&first));
        let head = Answer::read(api.request(Method::HEAD, &resource.path)).await;
        assert_eq!((head.status, tag(&head)), (200, tag(&first)));

        let changed = api.patch(&resource.path, resource.changes[0].clone()).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        assert_ne!(tag(&changed), tag(&first), "{}", resource.path);
        // The response to a change has the tag of the later GET.
        assert_eq!(tag(&api.get(&resource.path).await), tag(&changed));
        let same = api.patch(&resource.path, resource.changes[0].clone()).await;
        assert_eq!(tag(&same), tag(&changed));
    }
}

#[database_test]
async fn created_resource_has_the_tag_of_a_later_get(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    for (path, kind, attributes) in [
        ("/v1/workspace-groups", "workspace_group", json!({ "name": "EMEA" })),
        ("/v1/workspaces", "workspace", json!({ "name": "Acme" })),
        ("/v1/people", "people", json!({ "first_name": "Bo", "last_name": "Ek" })),
    ] {
        let body = json!({ "data": { "type": kind, "attributes": attributes } });
        let created = api.post(path, body).await;
        assert_eq!(created.status, 201, "{created:?}");
        assert_eq!(tag(&api.get(created.header("location")).await), tag(&created), "{path}");
    }
    let groups = api.get("/v1/workspace-groups").await.ids();
    let workspaces = api.get("/v1/workspaces").await.ids();
    let enrolled = api.enroll(&groups[0], &workspaces[0]).await;
    assert_eq!(tag(&api.get(enrolled.header("location")).await), tag(&enrolled));
}

#[database_test]
async fn matching_if_none_match_is_304_without_a_body(pool: PgPool) {
    let resources = resources(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    for Resource { path, changes } in resources {
        let there = api.get(&path).await;
        let known = tag(&there);
        for tags in [
            known.clone(),
            format!("W/{known}"),
            format!("\"other\", {known}"),
            format!("{known},\"other\""),
            format!("\"other\", W/{known}, \"another\""),
            "*".to_owned(),
        ] {
            assert_not_modified(&get_unless(&api, &path, &tags).await, &known);
        }
        let lines = api.request(Method::GET, &path).header("if-none-match", "\"other\"");
        assert_not_modified(&Answer::read(lines.header("if-none-match", &known)).await, &known);

        for tags in ["\"other\"", "W/\"other\"", "\"other\", \"another\"", known.trim_matches('"')] {
            let answer = get_unless(&api, &path, tags).await;
            assert_eq!((answer.status, &answer.body), (200, &there.body), "{tags}");
        }
        api.patch(&path, changes[0].clone()).await;
        let answer = get_unless(&api, &path, &known).await;
        assert_eq!(answer.status, 200);
        assert_ne!(answer.body, there.body);
    }
}

#[database_test]
async fn related_resource_has_the_tag_of_its_own_url(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for (name, home) in [
        ("workspace", format!("/v1/workspaces/{acme}")),
        ("workspace_group", format!("/v1/workspace-groups/{emea}")),
    ] {
        let path = format!("/v1/workspace-group-workspaces/{live}/{name}");
        let known = tag(&api.get(&home).await);
        assert_eq!(tag(&api.get(&path).await), known);
        assert_not_modified(&get_unless(&api, &path, &known).await, &known);
    }
}

#[database_test]
async fn any_shape_of_a_resource_has_a_tag_for_if_match(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::start(pool).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let created = by_ana.create_group("EMEA").await;
    let path = created.header("location");
    let shapes = [
        path.to_owned(),
        format!("{path}?include=created_by"),
        format!("{path}?include="),
        format!("{path}?fields[workspace_group]=name"),
        format!("{path}?fields[workspace_group]=name,created_at"),
        format!("{path}?include=created_by&fields[people]=last_name"),
    ];
    let mut tags = Vec::new();
    for shape in &shapes {
        let known = tag(&by_ana.get(shape).await);
        assert_not_modified(&get_unless(&by_ana, shape, &known).await, &known);
        assert!(!tags.contains(&known), "{shape} has the tag of another shape");
        tags.push(known);
    }
    // The tags of other shapes do not match this one.
    for known in &tags[1..] {
        assert_eq!(get_unless(&by_ana, path, known).await.status, 200);
    }
    assert_eq!(get_unless(&by_ana, &shapes[1], &tags[0]).await.status, 200);

    // A change of an included resource changes the response, but not the resource.
    let renamed = json!({ "data": { "type": "people", "id": ana, "attributes": { "last_name": "Lopes" } } });
    assert_eq!(by_ana.patch(&format!("/v1/people/{ana}"), renamed).await.status, 200);
    assert_eq!(tag(&by_ana.get(path).await), tags[0]);
    assert_eq!(get_unless(&by_ana, &shapes[1], &tags[1]).await.status, 200);

    let id = created.id();
    let rename = |name: &str| {
        let attributes = json!({ "name": name });
        json!({ "data": { "type": "workspace_group", "id": id, "attributes": attributes } })
    };
    for (index, shape) in shapes.iter().enumerate() {
        let seen = tag(&by_ana.get(shape).await);
        let body = rename(&format!("EMEA {index}"));
        assert_eq!(
            send_conditional(&by_ana, Method::PATCH, path, ("if-match", &seen), &body).await.status,
            200,
            "{shape}"
        );
        let body = rename("Too late");
        assert_stale(&send_conditional(&by_ana, Method::PATCH, path, ("if-match", &seen), &body).await);
    }
}

#[database_test]
async fn stale_if_match_prevents_changes(pool: PgPool) {
    let resources = resources(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    for Resource { path, changes } in resources {
        let seen = tag(&api.get(&path).await);
        assert_eq!(api.patch(&path, changes[0].clone()).await.status, 200);
        let now = api.get(&path).await;
        let logged = (event_count(&pool).await, admin_events(&pool).await);
        let weak = format!("W/{}", tag(&now));
        let several = format!("{seen}, \"other\"");
        for tags in [seen.as_str(), "\"other\"", &several, &weak, tag(&now).trim_matches('"')] {
            for method in [Method::PATCH, Method::DELETE] {
                assert_stale(&send_conditional(&api, method, &path, ("if-match", tags), &changes[1]).await);
            }
        }
        let still = api.get(&path).await;
        assert_eq!((&still.body, tag(&still)), (&now.body, tag(&now)));
        assert_eq!((event_count(&pool).await, admin_events(&pool).await), logged);
    }
}

#[database_test]
async fn current_if_match_allows_changes(pool: PgPool) {
    let resources = resources(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    for Resource { path, changes } in resources {
        let seen = tag(&api.get(&path).await);
        let changed = send_conditional(&api, Method::PATCH, &path, ("if-match", &seen), &changes[0]).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        assert_ne!(tag(&changed), seen);
        let whatever = send_conditional(&api, Method::PATCH, &path, ("if-match", "*"), &changes[1]).await;
        assert_eq!(whatever.status, 200, "{whatever:?}");
        let either = format!("\"other\", {}", tag(&whatever));
        let removed = send_conditional(&api, Method::DELETE, &path, ("if-match", &either), &changes[1]).await;
        assert_eq!(removed.status, 204, "{removed:?}");
        assert_ne!(api.get(&path).await.header("etag"), tag(&whatever));
    }
}

#[database_test]
async fn unknown_resource_is_404_with_any_condition(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    for (base, kind, data, code) in [
        (
            "workspace-group-workspaces",
            "workspace_group_workspace",
            attributed(None),
            "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND",
        ),
        ("workspace-groups", "workspace_group", named("One"), "WORKSPACE_GROUP_NOT_FOUND"),
        ("workspaces", "workspace", named("One"), "WORKSPACE_NOT_FOUND"),
        ("people", "people", json!({}), "PEOPLE_NOT_FOUND"),
    ] {
        let Resource { path, changes } = resource(base, kind, NOBODY, [data.clone(), data]);
        for (method, condition) in [
            (Method::PATCH, ("if-match", "*")),
            (Method::PATCH, ("if-match", "\"other\"")),
            (Method::DELETE, ("if-match", "*")),
            (Method::DELETE, ("if-match", "\"other\"")),
            (Method::GET, ("if-none-match", "*")),
        ] {
            let answer = send_conditional(&api, method.clone(), &path, condition, &changes[0]).await;
            let (status, errors) = (answer.status, answer.errors());
            assert_eq!(
                (status, errors),
                (404, vec![("404".to_owned(), code.to_owned(), Value::Null)]),
                "{method} {path} {condition:?}"
            );
        }
    }
}

/// An unreadable condition never holds, and a condition on a relationship is about its resource.
#[database_test]
async fn every_condition_is_evaluated(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let enrolled = api.enroll(&emea, &acme).await;
    let (this, tag) = (enrolled.header("location").to_owned(), enrolled.header("etag").to_owned());
    let before = row(&pool, &enrolled.id()).await;
    let group = format!("/v1/workspace-groups/{emea}");
    let rename = json!({ "data": { "type": "workspace_group", "id": emea, "attributes": { "name": "Y" } } });
    let nobody = json!({ "data": null });
    let member = json!({ "data": [{ "type": "workspace", "id": acme }] });
    for (method, path, body) in [
        (Method::PATCH, group.clone(), &rename),
        (Method::PATCH, format!("{this}/relationships/created_by"), &nobody),
        (Method::DELETE, format!("{group}/relationships/workspaces"), &member),
        (Method::DELETE, format!("{group}/workspaces/{acme}"), &member),
    ] {
        for (name, value) in
            [("if-match", &b"\"\xe9\""[..]), ("if-match", b"\"stale\""), ("if-none-match", b"*")]
        {
            let request = api.request(method.clone(), &path).header(name, value);
            let answer = Answer::read(request.header("content-type", JSON_API).body(body.to_string())).await;
            assert_eq!(answer.status, 412, "{method} {path} {name}: {answer:?}");
            assert_eq!(answer.errors()[0].1, "PRECONDITION_FAILED", "{method} {path}");
        }
    }
    assert_eq!(row(&pool, &enrolled.id()).await, before);
    let edge = api.request(Method::DELETE, &format!("{group}/workspaces/{acme}")).header("if-match", tag);
    assert_eq!(Answer::read(edge).await.status, 204);
}
