//! What a token may do: `read` every GET, `write` the flows, `pipeline` attributions. The last two
//! imply the first.

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Answer, Desk, Machine, enroll, event_count, group, person, row, time, workspace};

struct Things {
    person: String,
    group: String,
    empty_group: String,
    workspace: String,
    free_workspace: String,
    enrollment: String,
}

async fn things(pool: &PgPool) -> Things {
    let (group_id, workspace_id) = (group(pool, "EMEA").await, workspace(pool, "Acme").await);
    Things {
        person: person(pool, "Ana", "Lima", "ana@example.com").await,
        enrollment: enroll(pool, &group_id, &workspace_id, time("2026-05-01T00:00:00Z")).await,
        group: group_id,
        empty_group: group(pool, "APAC").await,
        workspace: workspace_id,
        free_workspace: workspace(pool, "Beta").await,
    }
}

async fn reads(machine: &Machine, things: &Things) {
    for path in [
        "workspace-group-workspaces".to_owned(),
        format!("workspace-group-workspaces/{}", things.enrollment),
        format!("workspace-group-workspaces/{}/workspace", things.enrollment),
        "workspace-groups".to_owned(),
        format!("workspace-groups/{}", things.group),
        "workspaces".to_owned(),
        format!("workspaces/{}", things.workspace),
        "people".to_owned(),
        format!("people/{}", things.person),
    ] {
        assert_eq!(machine.get(&format!("/v1/{path}")).await.status, 200, "{path}");
    }
}

async fn correct(machine: &Machine, things: &Things) -> Answer {
    let body = json!({ "data": {
        "type": "workspace_group_workspace",
        "id": things.enrollment,
        "relationships": { "created_by": { "data": { "type": "people", "id": things.person } } }
    }});
    let path = format!("/v1/workspace-group-workspaces/{}", things.enrollment);
    machine.patch(&path, body).await
}

/// Every flow that needs `write`.
async fn flows(machine: &Machine, things: &Things) -> Vec<Answer> {
    let group = json!({ "data": { "type": "workspace_group", "attributes": { "name": "New" } } });
    vec![
        machine.enroll(&things.group, &things.free_workspace).await,
        machine.delete(&format!("/v1/workspace-group-workspaces/{}", things.enrollment)).await,
        machine.post("/v1/workspace-groups", group).await,
        machine.delete(&format!("/v1/workspace-groups/{}", things.empty_group)).await,
        machine.delete(&format!("/v1/workspaces/{}", things.workspace)).await,
        machine.delete(&format!("/v1/people/{}", things.person)).await,
    ]
}

fn forbidden(answer: &Answer, scope: &str) {
    assert_eq!(answer.status, 403, "{answer:?}");
    let error = &answer.body["errors"][0];
    assert_eq!(error["code"], "FORBIDDEN");
    assert_eq!(error["detail"], format!("This needs a token with the scope {scope}."));
}

#[sqlx::test(migrator = "groupdesk::platform::db::migrate::MIGRATIONS")]
async fn read_reads_and_changes_nothing(pool: PgPool) {
    let things = things(&pool).await;
    let desk = Desk::start(pool.clone()).await;
    let machine = desk.machine(&["read"]).await;
    let before = row(&pool, &things.enrollment).await;

    reads(&machine, &things).await;
    for answer in flows(&machine, &things).await {
        forbidden(&answer, "write");
    }
    forbidden(&correct(&machine, &things).await, "pipeline");
    assert_eq!(row(&pool, &things.enrollment).await, before);
    assert_eq!(event_count(&pool).await, 0);
}

#[sqlx::test(migrator = "groupdesk::platform::db::migrate::MIGRATIONS")]
async fn write_reads_and_runs_the_flows_and_corrects_nothing(pool: PgPool) {
    let things = things(&pool).await;
    let desk = Desk::start(pool.clone()).await;
    let machine = desk.machine(&["write"]).await;

    reads(&machine, &things).await;
    forbidden(&correct(&machine, &things).await, "pipeline");
    let statuses: Vec<u16> = flows(&machine, &things).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [201, 204, 201, 204, 204, 204]);
}

#[sqlx::test(migrator = "groupdesk::platform::db::migrate::MIGRATIONS")]
async fn pipeline_alone_reads_and_corrects_and_runs_no_flow(pool: PgPool) {
    let things = things(&pool).await;
    let desk = Desk::start(pool.clone()).await;
    let machine = desk.machine(&["pipeline"]).await;

    reads(&machine, &things).await;
    for answer in flows(&machine, &things).await {
        forbidden(&answer, "write");
    }
    assert_eq!(correct(&machine, &things).await.status, 200);
    assert_eq!(event_count(&pool).await, 1);
}
