//! All events of one request have the same time. They are listed in the order in which they happened,
//! everywhere.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::PATH;
use crate::support::{self, ApiClient, TestApp, database_url, group, person, run, workspace};

const ATOMIC: &str = r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic""#;
const ROUNDS: usize = 5;

/// A pair, and one request that enrolls it, changes the creator and removes it five times, and then enrolls
/// it again.
struct Scene {
    app: TestApp,
    api: ApiClient,
    group: String,
    workspace: String,
}

fn enrollment(group: &str, workspace: &str, lid: &str) -> Value {
    json!({ "op": "add", "data": { "type": "workspace_group_workspace", "lid": lid, "relationships": {
        "workspace_group": { "data": { "type": "workspace_group", "id": group } },
        "workspace": { "data": { "type": "workspace", "id": workspace } }
    }}})
}

async fn scene(pool: &PgPool) -> Scene {
    let (group, workspace) = (group(pool, "EMEA").await, workspace(pool, "Acme").await);
    let ana = person(pool, "Ana", "Reis", "ana.reis@example.com").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let mut operations = Vec::new();
    for round in 0..ROUNDS {
        let lid = format!("e{round}");
        operations.push(enrollment(&group, &workspace, &lid));
        operations.push(json!({ "op": "update", "data": {
            "type": "workspace_group_workspace", "lid": lid,
            "relationships": { "created_by": { "data": { "type": "people", "id": ana } } }
        }}));
        operations
            .push(json!({ "op": "remove", "ref": { "type": "workspace_group_workspace", "lid": lid } }));
    }
    operations.push(enrollment(&group, &workspace, "last"));
    let body = json!({ "atomic:operations": operations }).to_string();
    let request = api.request(reqwest::Method::POST, "/v1/operations").header("content-type", ATOMIC);
    let answer = support::Answer::read(request.body(body)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    Scene { app, api, group, workspace }
}

/// The ids in the order in which the rows were written.
async fn written(pool: &PgPool, id: &str, table: &str) -> Vec<String> {
    let statement = format!("SELECT {id}::text FROM {table} ORDER BY pk");
    sqlx::query_scalar(&statement).fetch_all(pool).await.unwrap()
}

fn reversed(ids: &[String]) -> Vec<String> {
    ids.iter().rev().cloned().collect()
}

/// The ids of the timeline's entries on the page.
fn timeline_ids(html: &str) -> Vec<String> {
    html.split(" id=\"event-").skip(1).map(|rest| rest[..36].to_owned()).collect()
}

#[database_test]
async fn api_lists_events_of_one_request_in_order(pool: PgPool) {
    let Scene { app: _desk, api, group, workspace } = scene(&pool).await;
    let ids = written(&pool, "enrollment_event_id", "groupdesk.enrollment_events").await;

    let all = api.get(&format!("{PATH}?sort=occurred_at&page[size]=100")).await;
    let events = all.body["data"].as_array().unwrap();
    let actions: Vec<&str> =
        events.iter().map(|event| event["attributes"]["action"].as_str().unwrap()).collect();
    let mut expected = ["enrolled", "attribution_corrected", "removed"].repeat(ROUNDS);
    expected.push("enrolled");
    assert_eq!(actions, expected);
    assert!(
        events
            .iter()
            .all(|event| { event["attributes"]["occurred_at"] == events[0]["attributes"]["occurred_at"] }),
        "all events of a request have the same time: {events:#?}"
    );

    for filter in [
        String::new(),
        format!("filter[workspace_group]={group}"),
        format!("filter[workspace]={workspace}"),
        format!("filter[workspace]={workspace}&filter[workspace_group]={group}"),
        "filter[actor]=none".to_owned(),
        "filter[source]=api".to_owned(),
        "filter[action]=enrolled,removed,attribution_corrected".to_owned(),
    ] {
        support::assert_pages(&api, &format!("{PATH}?{filter}&sort=occurred_at"), 3, &ids).await;
        support::assert_pages(&api, &format!("{PATH}?{filter}&sort=-occurred_at"), 3, &reversed(&ids)).await;
    }
}

#[database_test]
async fn pages_and_exports_list_events_of_one_request_in_order(pool: PgPool) {
    let Scene { app, group, workspace, .. } = scene(&pool).await;
    let newest_first = reversed(&written(&pool, "enrollment_event_id", "groupdesk.enrollment_events").await);
    let admin = app.admin().await;

    for path in [
        format!("/groups/{group}?tab=history"),
        format!("/workspaces/{workspace}?tab=history"),
        format!("/audit?group={group}"),
    ] {
        let page = admin.open(&path).await;
        assert_eq!(timeline_ids(&page.html), newest_first, "{path}: {}", page.text());
    }
    let file = admin.open(&format!("/audit/export.csv?group={group}")).await.html;
    let rows: Vec<&str> = file.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(rows, newest_first);
    let file = run(&["export", "events", "--group", &group, "--database-url", &database_url(&pool)]).await;
    let rows: Vec<&str> = file.out.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(rows, newest_first, "{file:?}");
}

#[database_test]
async fn rows_of_one_pair_and_request_are_listed_in_order(pool: PgPool) {
    let Scene { app, api, group, workspace } = scene(&pool).await;
    let ids = written(&pool, "workspace_group_workspace_id", "core_api.workspace_group_workspaces").await;
    let live = ids.last().unwrap();

    for (filter, sort) in [
        (format!("filter[workspace]={workspace}&filter[status]=any"), "created_at"),
        (format!("filter[workspace_group]={group}&filter[status]=any"), "created_at"),
        (format!("filter[workspace_group]={group}&filter[status]=any"), "deleted_at"),
    ] {
        let list = format!("/v1/workspace-group-workspaces?{filter}&sort=");
        support::assert_pages(&api, &format!("{list}{sort}"), 2, &ids).await;
        support::assert_pages(&api, &format!("{list}-{sort}"), 2, &reversed(&ids)).await;
    }
    // The as-of view of that moment and the live list contain what the request left in the group.
    let row = api.get(&format!("/v1/workspace-group-workspaces/{live}")).await;
    let moment = row.body["data"]["attributes"]["created_at"].as_str().unwrap();
    let then = api.get(&format!("/v1/workspace-group-workspaces?filter[as_of]={moment}")).await;
    assert_eq!(then.ids(), [live.as_str()]);

    let page = app.admin().await.open(&format!("/workspaces/{workspace}?tab=enrollments")).await;
    let at = |id: &String| page.html.find(id.as_str()).unwrap_or_else(|| panic!("{id}: {}", page.text()));
    let places: Vec<usize> = ids.iter().rev().map(at).collect();
    assert!(places.is_sorted(), "{places:?}");
}

/// Workspaces in the opposite order of their ids, which differs from the order of their keys, too.
async fn shuffled(pool: &PgPool) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..10 {
        ids.push(workspace(pool, &format!("Workspace {number}")).await);
    }
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids
}

/// The same workspaces, starting with another one.
fn rotated(ids: &[String]) -> Vec<String> {
    let mut ids = ids.to_vec();
    ids.rotate_left(4);
    ids
}

fn identifiers(workspaces: &[String]) -> Value {
    workspaces.iter().map(|id| json!({ "type": "workspace", "id": id })).collect()
}

/// The workspaces of the group's events with this action, oldest first.
async fn workspaces_in_events(api: &ApiClient, group: &str, action: &str) -> Vec<String> {
    let query = format!("filter[workspace_group]={group}&filter[action]={action}&sort=occurred_at");
    let answer = super::read(api, &format!("{query}&page[size]=100")).await;
    let events = answer.body["data"].as_array().unwrap();
    let workspace =
        |event: &Value| event["relationships"]["workspace"]["data"]["id"].as_str().unwrap().to_owned();
    events.iter().map(workspace).collect()
}

#[database_test]
async fn bulk_events_follow_the_order_of_the_document(pool: PgPool) {
    let (emea, ids) = (group(&pool, "EMEA").await, shuffled(&pool).await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let members = format!("/v1/workspace-groups/{emea}/relationships/workspaces");

    // The first workspace is named again at the end.
    let twice: Vec<String> = ids.iter().chain(&ids[..1]).cloned().collect();
    let answer = api.post(&members, json!({ "data": identifiers(&twice) })).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(workspaces_in_events(&api, &emea, "enrolled").await, ids);

    let leaving = rotated(&ids);
    let request = api.request(reqwest::Method::DELETE, &members).header("content-type", support::JSON_API);
    let body = json!({ "data": identifiers(&leaving) }).to_string();
    let answer = support::Answer::read(request.body(body)).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(workspaces_in_events(&api, &emea, "removed").await, leaving);

    let created = json!({ "data": {
        "type": "workspace_group",
        "attributes": { "name": "APAC" },
        "relationships": { "workspaces": { "data": identifiers(&ids) } }
    }});
    let apac = api.post("/v1/workspace-groups", created).await.id();
    assert_eq!(workspaces_in_events(&api, &apac, "enrolled").await, ids);
}

#[database_test]
async fn bulk_events_follow_the_order_of_the_form(pool: PgPool) {
    let ids = shuffled(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let (admin, api) = (app.admin().await, app.api_client(&["write"]).await);
    let new = admin.open("/groups/new").await;
    let page = admin.press(&new, "group-create", &[("name", "EMEA"), ("pasted", &ids.join("\n"))]).await;
    let group = page.at.strip_prefix("/groups/").unwrap_or_else(|| panic!("{}", page.message())).to_owned();
    assert!(page.message().contains("10 workspaces"), "{}", page.message());
    assert_eq!(workspaces_in_events(&api, &group, "enrolled").await, ids);

    let leaving = rotated(&ids);
    let mut ticked = Vec::new();
    for workspace in &leaving {
        let query = format!("filter[workspace_group]={group}&filter[workspace]={workspace}");
        let row = api.get(&format!("/v1/workspace-group-workspaces?{query}")).await.ids().remove(0);
        ticked.push(format!("e={row}"));
    }
    let confirm = admin.open(&format!("/groups/{group}/removals?{}", ticked.join("&"))).await;
    let page = admin.press(&confirm, "enrollments-remove", &[]).await;
    assert_eq!(workspaces_in_events(&api, &group, "removed").await, leaving, "{}", page.message());
}
