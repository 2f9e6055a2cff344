//! How many statements a request takes: a page is one, whatever is on it and however long it is, and
//! a change as many for a hundred as for one.

use chrono::TimeDelta;
use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{
    Answer, Desk, JSON_API, Machine, enroll, group, listen, person, statements_of, time, workspace,
};

const NOW: &str = "2026-06-01T00:00:00Z";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

/// What a request asked the database after it knew whose token it was.
fn beside_the_token(answer: &Answer) -> Vec<String> {
    let mut statements = statements_of(answer.header("x-request-id"));
    assert!(statements.first().is_some_and(|first| first.contains("token_hash = $1")), "{statements:#?}");
    statements.remove(0);
    assert!(statements.iter().all(|one| !one.contains("api_tokens")), "{statements:#?}");
    statements
}

/// A client whose token was used in this minute already, of a desk that has handed out a page.
async fn settled(desk: &Desk, email: &str) -> Machine {
    listen();
    let machine = desk.machine_for(email, &["write", "pipeline"]).await;
    assert_eq!(machine.get("/v1/people").await.status, 200);
    machine
}

/// Ana made the group Wide and enrolled 101 workspaces in it, and one more workspace in 101 groups.
struct Scene {
    desk: Desk,
    machine: Machine,
    wide: String,
    popular: String,
}

async fn scene(pool: PgPool) -> Scene {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let desk = Desk::at(pool.clone(), NOW).await;
    let machine = settled(&desk, "ana@example.com").await;
    let wide = json!({ "data": { "type": "workspace_group", "attributes": { "name": "Wide" } } });
    let wide = machine.post("/v1/workspace-groups", wide).await.id();
    let popular = workspace(&pool, "Popular").await;
    machine.enroll(&wide, &popular).await;
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
    Scene { desk, machine, wide, popular }
}

impl Scene {
    /// Every list, and every related list, with all that it includes.
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
async fn a_page_is_one_statement_with_all_that_is_included_and_whatever_its_size(pool: PgPool) {
    let scene = scene(pool).await;
    for list in scene.lists() {
        for (size, rows) in [("1", 1), ("20", 20), ("100", 100)] {
            let answer = scene.machine.get(&format!("{list}&page[size]={size}")).await;
            assert_eq!((answer.status, answer.ids().len()), (200, rows), "{list}");
            let statements = beside_the_token(&answer);
            assert_eq!(statements.len(), 1, "{list} {size}: {statements:#?}");
        }
        // Not the first page only.
        let first = scene.machine.get(&format!("{list}&page[size]=50")).await;
        let next = scene.machine.get(first.body["links"]["next"].as_str().unwrap()).await;
        assert_eq!((next.ids().len(), beside_the_token(&next).len()), (50, 1), "{list}");
    }
}

#[database_test]
async fn a_total_is_counted_where_it_is_asked_for_by_one_statement_more(pool: PgPool) {
    let scene = scene(pool).await;
    for list in scene.lists() {
        let answer = scene.machine.get(&format!("{list}&page[size]=1&page[total]=true")).await;
        assert_eq!(answer.status, 200, "{list}");
        assert!(answer.body["meta"]["page"]["total"].as_i64().is_some_and(|total| total > 100), "{list}");
        let statements = beside_the_token(&answer);
        assert_eq!(statements.len(), 2, "{list}: {statements:#?}");
        assert!(statements[1].contains("count(*)"), "{statements:#?}");

        let unasked = scene.machine.get(&format!("{list}&page[size]=1&page[total]=false")).await;
        let statements = beside_the_token(&unasked);
        assert!(statements.iter().all(|one| !one.contains("count(*)")), "{list}: {statements:#?}");
    }
}

/// Where there are no members, it is asked whether there is a group; where there are, there is.
#[database_test]
async fn an_empty_related_list_is_two_statements(pool: PgPool) {
    let scene = scene(pool).await;
    let (bare, lone) = (group(&scene.desk.pool, "Bare").await, workspace(&scene.desk.pool, "Lone").await);
    for (path, status) in [
        (format!("/v1/workspace-groups/{bare}/workspaces"), 200),
        (format!("/v1/workspaces/{lone}/workspace_groups"), 200),
        (format!("/v1/workspace-groups/{NOBODY}/workspaces"), 404),
    ] {
        let answer = scene.machine.get(&path).await;
        assert_eq!((answer.status, beside_the_token(&answer).len()), (status, 2), "{path}");
    }
}

#[database_test]
async fn one_resource_is_one_statement_with_all_that_is_included(pool: PgPool) {
    let scene = scene(pool).await;
    let machine = &scene.machine;
    let newest = |list: &str| format!("/v1/{list}?page[size]=1");
    let id = machine.get(&newest("workspace-group-workspaces")).await.ids().remove(0);
    let enrollment = format!("/v1/workspace-group-workspaces/{id}");
    let id = machine.get(&newest("enrollment-events")).await.ids().remove(0);
    let event = format!("/v1/enrollment-events/{id}");
    let ana = machine.get("/v1/people?filter[email]=ana@example.com").await.ids().remove(0);
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
        let answer = machine.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.body["data"].is_null(), "{path}");
        let statements = beside_the_token(&answer);
        assert_eq!(statements.len(), count, "{path}: {statements:#?}");
    }
}

/// The workspaces' identifiers as a document.
fn members(ids: &[String]) -> Value {
    let data: Vec<Value> = ids.iter().map(|id| json!({ "type": "workspace", "id": id })).collect();
    json!({ "data": data })
}

#[database_test]
async fn a_change_is_as_many_statements_for_a_hundred_as_for_one(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let mut ids = Vec::new();
    for number in 0..102 {
        ids.push(workspace(&pool, &format!("Workspace {number}")).await);
    }
    let emea = group(&pool, "EMEA").await;
    let desk = Desk::at(pool, NOW).await;
    let machine = settled(&desk, "ana@example.com").await;

    // The row and its event.
    let enrolled = machine.enroll(&emea, &ids[101]).await;
    assert_eq!(enrolled.status, 201);
    let statements = beside_the_token(&enrolled);
    assert!(statements.len() <= 2, "{statements:#?}");
    let removed = machine.delete(enrolled.header("location")).await;
    let statements = beside_the_token(&removed);
    assert!(statements.len() <= 2, "{statements:#?}");

    let path = format!("/v1/workspace-groups/{emea}/relationships/workspaces");
    for method in [Method::POST, Method::DELETE] {
        let mut counts = Vec::new();
        for part in [&ids[..1], &ids[1..101]] {
            let request = machine.request(method.clone(), &path).header("content-type", JSON_API);
            let answer = Answer::read(request.body(members(part).to_string())).await;
            assert_eq!(answer.status, 204, "{method}");
            counts.push(beside_the_token(&answer).len());
        }
        assert_eq!(counts[0], counts[1], "{method}");
        assert!(counts[0] <= 3, "{method}: {counts:?}");
    }
    let mut counts = Vec::new();
    for part in [&ids[..1], &ids[1..101]] {
        let body = json!({ "data": {
            "type": "workspace_group",
            "attributes": { "name": "Bulk" },
            "relationships": { "workspaces": members(part) }
        }});
        let answer = machine.post("/v1/workspace-groups", body).await;
        assert_eq!(answer.status, 201);
        counts.push(beside_the_token(&answer).len());
    }
    assert_eq!(counts[0], counts[1]);
}

#[database_test]
async fn a_token_is_looked_up_by_one_statement_and_its_use_is_written_outside_of_the_request(pool: PgPool) {
    listen();
    let desk = Desk::at(pool, NOW).await;
    let machine = desk.machine(&["read"]).await;
    let path = format!("/v1/workspaces/{NOBODY}");
    let of_tokens = async || -> usize {
        let answer = machine.get(&path).await;
        let statements = statements_of(answer.header("x-request-id"));
        statements.iter().filter(|one| one.contains("api_tokens")).count()
    };
    let counts = [of_tokens().await, of_tokens().await, of_tokens().await];
    assert_eq!(counts, [1, 1, 1]);
    // What cannot be a token is not looked up at all.
    for (text, count) in [("groupdesk_0000", 1), ("hunter2", 0)] {
        let refused = desk.holder_of(text).get(&path).await;
        assert_eq!(refused.status, 401);
        assert_eq!(statements_of(refused.header("x-request-id")).len(), count, "{text}");
    }
}
