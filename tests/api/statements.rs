//! The number of SQL statements of a request: a page takes one, whatever its content and size, and a change
//! takes as many for a hundred rows as for one.

use chrono::TimeDelta;
use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{
    Answer, ApiClient, JSON_API, TestApp, enroll, group, listen, person, statements_of, time, workspace,
};

const NOW: &str = "2026-06-01T00:00:00Z";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// The statements of the request after the look-up of the token.
fn statements_after_token(answer: &Answer) -> Vec<String> {
    let mut statements = statements_of(answer.header("x-request-id"));
    assert!(statements.first().is_some_and(|first| first.contains("token_hash = $1")), "{statements:#?}");
    statements.remove(0);
    assert!(statements.iter().all(|one| !one.contains("api_tokens")), "{statements:#?}");
    statements
}

/// A client whose token was used within this minute, at a server that has already returned a page.
async fn warmed_up(app: &TestApp, email: &str) -> ApiClient {
    listen();
    let api = app.api_client_for(email, &["write", "pipeline"]).await;
    assert_eq!(api.get("/v1/people").await.status, 200);
    api
}

/// Ana created the group Wide with 101 enrollments, and a workspace in 101 groups.
struct Scene {
    app: TestApp,
    api: ApiClient,
    wide: String,
    popular: String,
}

async fn scene(pool: PgPool) -> Scene {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = warmed_up(&app, "ana@example.com").await;
    let wide = json!({ "data": { "type": "workspace_group", "attributes": { "name": "Wide" } } });
    let wide = api.post("/v1/workspace-groups", wide).await.id();
    let popular = workspace(&pool, "Popular").await;
    api.enroll(&wide, &popular).await;
    for number in 0..100 {
        let at = time("2026-05-01T00:00:00Z") + TimeDelta::minutes(number);
        let (one, other) = (format!("Workspace {number}"), format!("Group {number}"));
        enroll(&pool, &wide, &workspace(&pool, &one).await, at).await;
        enroll(&pool, &group(&pool, &other).await, &popular, at).await;
        person(&pool, "P", &number.to_string(), &format!("p{number}@example.com")).await;
    }
    let events = "INSERT INTO groupdesk.enrollment_events
                      (action, occurred_at, source, workspace_group_workspace_pk, workspace_group_pk, workspace_pk)
                  SELECT 'enrolled', created_at, 'migration', pk, workspace_group_pk, workspace_pk
                  FROM core_api.workspace_group_workspaces WHERE created_by_pk IS NULL";
    sqlx::raw_sql(events).execute(&pool).await.unwrap();
    Scene { app, api, wide, popular }
}

impl Scene {
    /// All lists and related lists, with everything that they can include.
    fn lists(&self) -> Vec<String> {
        let (group, workspace) =
            (format!("/v1/workspace-groups/{}", self.wide), format!("/v1/workspaces/{}", self.popular));
        vec![
            "/v1/workspace-group-workspaces?filter[status]=any\
             &include=workspace_group.created_by,workspace,created_by"
                .to_owned(),
            format!("/v1/workspace-group-workspaces?filter[workspace_group]={}&include=workspace", self.wide),
            "/v1/workspace-groups?include=created_by".to_owned(),
            "/v1/workspaces?sort=name".to_owned(),
            "/v1/people?sort=last_name".to_owned(),
            "/v1/enrollment-events?include=enrollment.created_by,workspace_group.created_by,workspace,actor"
                .to_owned(),
            format!("{group}/workspaces?include="),
            format!("{group}/relationships/workspaces?"),
            format!("{workspace}/workspace_groups?include=created_by"),
            format!("{workspace}/relationships/workspace_groups?"),
        ]
    }
}

#[database_test]
async fn page_with_includes_is_one_statement_at_any_size(pool: PgPool) {
    let scene = scene(pool).await;
    for list in scene.lists() {
        for (size, rows) in [("1", 1), ("20", 20), ("100", 100)] {
            let answer = scene.api.get(&format!("{list}&page[size]={size}")).await;
            assert_eq!((answer.status, answer.ids().len()), (200, rows), "{list}");
            let statements = statements_after_token(&answer);
            assert_eq!(statements.len(), 1, "{list} {size}: {statements:#?}");
        }
        // The number is the same for a later page.
        let first = scene.api.get(&format!("{list}&page[size]=50")).await;
        let next = scene.api.get(first.body["links"]["next"].as_str().unwrap()).await;
        assert_eq!((next.ids().len(), statements_after_token(&next).len()), (50, 1), "{list}");
    }
}

#[database_test]
async fn total_takes_one_more_statement_on_request(pool: PgPool) {
    let scene = scene(pool).await;
    for list in scene.lists() {
        let answer = scene.api.get(&format!("{list}&page[size]=1&page[total]=true")).await;
        assert_eq!(answer.status, 200, "{list}");
        assert!(answer.body["meta"]["page"]["total"].as_i64().is_some_and(|total| total > 100), "{list}");
        let statements = statements_after_token(&answer);
        assert_eq!(statements.len(), 2, "{list}: {statements:#?}");
        assert!(statements[1].contains("count(*)"), "{statements:#?}");

        let uncounted = scene.api.get(&format!("{list}&page[size]=1&page[total]=false")).await;
        let statements = statements_after_token(&uncounted);
        assert!(statements.iter().all(|one| !one.contains("count(*)")), "{list}: {statements:#?}");
    }
}

/// An empty list needs a second statement that checks whether the parent exists.
#[database_test]
async fn empty_related_list_is_two_statements(pool: PgPool) {
    let scene = scene(pool).await;
    let (empty, ungrouped) = (group(&scene.app.pool, "Bare").await, workspace(&scene.app.pool, "Lone").await);
    for (path, status) in [
        (format!("/v1/workspace-groups/{empty}/workspaces"), 200),
        (format!("/v1/workspaces/{ungrouped}/workspace_groups"), 200),
        (format!("/v1/workspace-groups/{NOBODY}/workspaces"), 404),
    ] {
        let answer = scene.api.get(&path).await;
        assert_eq!((answer.status, statements_after_token(&answer).len()), (status, 2), "{path}");
    }
}

#[database_test]
async fn single_resource_with_includes_is_one_statement(pool: PgPool) {
    let scene = scene(pool).await;
    let api = &scene.api;
    let newest = |list: &str| format!("/v1/{list}?page[size]=1");
    let id = api.get(&newest("workspace-group-workspaces")).await.ids().remove(0);
    let enrollment = format!("/v1/workspace-group-workspaces/{id}");
    let id = api.get(&newest("enrollment-events")).await.ids().remove(0);
    let event = format!("/v1/enrollment-events/{id}");
    let ana = api.get("/v1/people?filter[email]=ana@example.com").await.ids().remove(0);
    let group = format!("/v1/workspace-groups/{}", scene.wide);
    for (path, count) in [
        (format!("{enrollment}?include=workspace_group.created_by,workspace,created_by"), 1),
        (format!("{enrollment}/relationships/created_by"), 1),
        (format!("{enrollment}/workspace_group?include=created_by"), 1),
        (format!("{enrollment}/workspace"), 1),
        (format!("{enrollment}/created_by"), 1),
        (format!("{event}?include=enrollment.created_by,workspace_group.created_by,workspace,actor"), 1),
        (format!("{event}/relationships/actor"), 1),
        (format!("{event}/enrollment?include=workspace_group.created_by,workspace,created_by"), 1),
        (format!("{event}/workspace_group?include=created_by"), 1),
        (format!("{event}/workspace"), 1),
        (format!("{event}/actor"), 1),
        (format!("{group}?include=created_by"), 1),
        (format!("{group}/created_by"), 1),
        (format!("{group}/relationships/created_by"), 1),
        (format!("/v1/workspaces/{}", scene.popular), 1),
        (format!("/v1/people/{ana}"), 1),
    ] {
        let answer = api.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.body["data"].is_null(), "{path}");
        let statements = statements_after_token(&answer);
        assert_eq!(statements.len(), count, "{path}: {statements:#?}");
    }
}

/// A document of workspace identifiers.
fn members(ids: &[String]) -> Value {
    let data: Vec<Value> = ids.iter().map(|id| json!({ "type": "workspace", "id": id })).collect();
    json!({ "data": data })
}

#[database_test]
async fn bulk_changes_take_as_many_statements_as_single_ones(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let mut ids = Vec::new();
    for number in 0..102 {
        ids.push(workspace(&pool, &format!("Workspace {number}")).await);
    }
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::at(pool, NOW).await;
    let api = warmed_up(&app, "ana@example.com").await;

    // The row together with its event.
    let enrolled = api.enroll(&emea, &ids[101]).await;
    assert_eq!(enrolled.status, 201);
    let statements = statements_after_token(&enrolled);
    assert_eq!(statements.len(), 1, "{statements:#?}");
    let removed = api.delete(enrolled.header("location")).await;
    let statements = statements_after_token(&removed);
    assert_eq!(statements.len(), 1, "{statements:#?}");

    let path = format!("/v1/workspace-groups/{emea}/relationships/workspaces");
    for method in [Method::POST, Method::DELETE] {
        let mut counts = Vec::new();
        for part in [&ids[..1], &ids[1..101]] {
            let request = api.request(method.clone(), &path).header("content-type", JSON_API);
            let answer = Answer::read(request.body(members(part).to_string())).await;
            assert_eq!(answer.status, 204, "{method}");
            counts.push(statements_after_token(&answer).len());
        }
        assert_eq!(counts[0], counts[1], "{method}");
        assert_eq!(counts[0], 2, "{method}");
    }
    let mut counts = Vec::new();
    for part in [&ids[..1], &ids[1..101]] {
        let body = json!({ "data": {
            "type": "workspace_group",
            "attributes": { "name": "Bulk" },
            "relationships": { "workspaces": members(part) }
        }});
        let answer = api.post("/v1/workspace-groups", body).await;
        assert_eq!(answer.status, 201);
        counts.push(statements_after_token(&answer).len());
    }
    assert_eq!(counts[0], counts[1]);
}

#[database_test]
async fn token_lookup_is_one_statement_without_writes(pool: PgPool) {
    listen();
    let app = TestApp::at(pool, NOW).await;
    let api = app.api_client(&["read"]).await;
    let path = format!("/v1/workspaces/{NOBODY}");
    let of_tokens = async || -> usize {
        let answer = api.get(&path).await;
        let statements = statements_of(answer.header("x-request-id"));
        statements.iter().filter(|one| one.contains("api_tokens")).count()
    };
    let counts = [of_tokens().await, of_tokens().await, of_tokens().await];
    assert_eq!(counts, [1, 1, 1]);
    // A text that cannot be a token is not looked up.
    for (text, count) in [("groupdesk_0000", 1), ("hunter2", 0)] {
        let refused = app.with_token(text).get(&path).await;
        assert_eq!(refused.status, 401);
        assert_eq!(statements_of(refused.header("x-request-id")).len(), count, "{text}");
    }
}
