//! `/v1/workspaces/{id}/relationships/workspace_groups`: the groups of a workspace, which are changed only
//! from the side of the group; `…/{id}/workspace_groups` returns the complete resources.

use chrono::TimeDelta;
use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{
    Answer, JSON_API, TestApp, bad_parameter, enroll, event_count, group, live_count, person, remove, time,
    workspace,
};

const WORKSPACES: &str = "/v1/workspaces";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

fn linkage(workspace: &str) -> String {
    format!("{WORKSPACES}/{workspace}/relationships/workspace_groups")
}

fn related(workspace: &str) -> String {
    format!("{WORKSPACES}/{workspace}/workspace_groups")
}

/// Asserts an error about the path, not about the body.
fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.errors()),
        (status, vec![(status.to_string(), code.to_owned(), Value::Null)]),
        "{answer:?}"
    );
}

/// A workspace in three groups, the group of the last enrollment first.
async fn in_three_groups(pool: &PgPool) -> (String, Vec<String>) {
    let (acme, beta) = (workspace(pool, "Acme").await, workspace(pool, "Beta").await);
    let mut ids = Vec::new();
    for (hours, name) in (0..).zip(["EMEA", "APAC", "LATAM"]) {
        let id = group(pool, name).await;
        enroll(pool, &id, &acme, time("2026-05-01T00:00:00Z") + TimeDelta::hours(hours)).await;
        ids.insert(0, id);
    }
    // A group that it was removed from, in which another workspace is enrolled now.
    let left = group(pool, "Left").await;
    let removed = enroll(pool, &left, &acme, time("2026-05-01T00:00:00Z")).await;
    remove(pool, &removed, time("2026-05-02T00:00:00Z")).await;
    enroll(pool, &left, &beta, time("2026-05-02T00:00:00Z")).await;
    (acme, ids)
}

#[database_test]
async fn groups_of_a_workspace_are_listed_at_both_links(pool: PgPool) {
    let (acme, ids) = in_three_groups(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;

    let answer = api.get(&linkage(&acme)).await;

    assert_eq!(answer.status, 200);
    let identifiers: Vec<Value> =
        ids.iter().map(|id| json!({ "type": "workspace_group", "id": id })).collect();
    let (this, whole) = (linkage(&acme), related(&acme));
    let profile = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination";
    assert_eq!(
        answer.body,
        json!({
            "jsonapi": { "version": "1.1", "profile": [profile] },
            "data": identifiers,
            "links": { "self": this, "related": whole, "first": this, "prev": null, "next": null }
        })
    );
    let groups = api.get(&whole).await;
    assert_eq!((groups.status, groups.ids()), (200, ids));
    assert_eq!(groups.body["links"], json!({ "self": whole, "first": whole, "prev": null, "next": null }));
    for resource in groups.body["data"].as_array().unwrap() {
        let home = api.get(resource["links"]["self"].as_str().unwrap()).await;
        assert_eq!(*resource, home.body["data"]);
    }
}

#[database_test]
async fn both_lists_are_paged_and_counted(pool: PgPool) {
    let (acme, ids) = in_three_groups(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for path in [linkage(&acme), related(&acme)] {
        let first = api.get(&format!("{path}?page[size]=2&page[total]=true")).await;
        assert_eq!(first.ids(), ids[..2]);
        assert_eq!(first.body["meta"], json!({ "page": { "total": 3 } }));
        assert_eq!(first.body["links"]["prev"], Value::Null);
        let last = api.get(first.body["links"]["next"].as_str().unwrap()).await;
        assert_eq!(last.ids(), ids[2..]);
        assert_eq!(last.body["links"]["next"], Value::Null);
        let back = api.get(last.body["links"]["prev"].as_str().unwrap()).await;
        assert_eq!(back.ids(), first.ids());
        let answer = api.get(&format!("{path}?sort=name")).await;
        assert_eq!((answer.status, answer.errors()), (400, vec![bad_parameter("sort")]));
    }
}

#[database_test]
async fn groups_include_their_creators_on_request(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    for name in ["EMEA", "APAC"] {
        let workspaces = json!({ "data": [{ "type": "workspace", "id": acme }] });
        let body = json!({ "data": { "type": "workspace_group", "attributes": { "name": name },
            "relationships": { "workspaces": workspaces } } });
        assert_eq!(by_ana.post("/v1/workspace-groups", body).await.status, 201);
    }
    let fields = "fields[people]=last_name&fields[workspace_group]=name";
    let answer = by_ana.get(&format!("{}?include=created_by&{fields}", related(&acme))).await;
    let groups = answer.body["data"].as_array().unwrap();
    let mut shown: Vec<String> = groups.iter().map(|group| group["attributes"].to_string()).collect();
    shown.sort();
    assert_eq!(shown, [r#"{"name":"APAC"}"#, r#"{"name":"EMEA"}"#]);
    // The person is included once, although she created both groups.
    let links = json!({ "self": format!("/v1/people/{ana}") });
    assert_eq!(
        answer.body["included"],
        json!([{ "type": "people", "id": ana, "attributes": { "last_name": "Lima" }, "links": links }])
    );
}

#[database_test]
async fn groups_are_changed_from_the_other_side_only(pool: PgPool) {
    let (acme, ids) = in_three_groups(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let (api, reader) = (app.api_client(&["write", "pipeline"]).await, app.api_client(&["read"]).await);
    for method in [Method::POST, Method::PATCH, Method::DELETE] {
        for data in [json!([{ "type": "workspace_group", "id": ids[0] }]), json!([]), json!(null)] {
            let body = json!({ "data": data }).to_string();
            let request = api.request(method.clone(), &linkage(&acme)).header("content-type", JSON_API);
            let answer = Answer::read(request.body(body.clone())).await;
            assert_refused(&answer, 403, "RELATIONSHIP_READ_ONLY");
            let detail = answer.body["errors"][0]["detail"].as_str().unwrap();
            assert!(detail.ends_with(
                "It changes with the relationship workspaces of the group, and with enrollments."
            ));
            let request = reader.request(method.clone(), &linkage(&acme)).header("content-type", JSON_API);
            assert_refused(&Answer::read(request.body(body)).await, 403, "FORBIDDEN");
        }
    }
    assert_eq!(api.get(&linkage(&acme)).await.ids(), ids);
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (4, 0));
}

#[database_test]
async fn unknown_workspace_is_404_and_unenrolled_has_no_groups(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    for id in [NOBODY, "42", &emea] {
        for answer in [
            api.get(&linkage(id)).await,
            api.get(&related(id)).await,
            api.post(&linkage(id), json!({ "data": [] })).await,
            api.patch(&linkage(id), json!({ "data": [] })).await,
            api.delete(&linkage(id)).await,
        ] {
            assert_refused(&answer, 404, "WORKSPACE_NOT_FOUND");
        }
    }
    // A removed workspace has none, either.
    for _ in 0..2 {
        for path in [linkage(&acme), related(&acme)] {
            let answer = api.get(&path).await;
            assert_eq!((answer.status, answer.ids()), (200, Vec::new()));
        }
        assert_eq!(api.delete(&format!("{WORKSPACES}/{acme}")).await.status, 204);
    }
}
