//! Every change writes exactly one event in its own transaction, and a request without changes writes none.

use groupdesk::kernel::actor::{Actor, PersonRef, Source};
use groupdesk::platform::call::{Administer, Call};
use groupdesk::resources::enrollments::model::NewEnrollment;
use groupdesk::resources::enrollments::ops;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::execute;
use crate::support::{
    ApiClient, TestApp, event_count, events, group, live_count, person, row_count, time, workspace,
};

type LoggedEvent = (String, String, Option<String>, Option<String>);

fn logged(action: &str, source: &str, actor: Option<&str>, token: Option<&str>) -> LoggedEvent {
    (action.to_owned(), source.to_owned(), actor.map(str::to_owned), token.map(str::to_owned))
}

fn creator_change(enrollment: &str, person: Option<&str>) -> (String, Value) {
    let data = person.map(|id| json!({ "type": "people", "id": id }));
    let body = json!({ "data": {
        "type": "workspace_group_workspace",
        "id": enrollment,
        "relationships": { "created_by": { "data": data } }
    }});
    (format!("/v1/workspace-group-workspaces/{enrollment}"), body)
}

async fn change_creator(api: &ApiClient, enrollment: &str, person: Option<&str>) {
    let (path, body) = creator_change(enrollment, person);
    assert_eq!(api.patch(&path, body).await.status, 200);
}

#[database_test]
async fn each_change_writes_one_event_with_actor_and_source(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write", "pipeline"]).await;
    let api = app.api_client(&["write", "pipeline"]).await;

    let first = by_ana.enroll(&emea, &acme).await.id();
    let path = format!("/v1/workspace-group-workspaces/{first}");
    api.delete(&path).await;
    api.enroll(&emea, &acme).await;
    change_creator(&api, &first, None).await;
    change_creator(&by_ana, &first, Some(&ana)).await;

    assert_eq!(
        events(&pool).await,
        [
            logged("enrolled", "api", Some("Ana Lima"), Some("robot")),
            logged("removed", "api", None, Some("robot")),
            logged("enrolled", "api", None, Some("robot")),
            logged("attribution_corrected", "api", None, Some("robot")),
            logged("attribution_corrected", "api", Some("Ana Lima"), Some("robot")),
        ]
    );
    let corrections: Vec<(Option<String>, Option<String>)> = sqlx::query_as(
        "SELECT attributed_from, attributed_to FROM groupdesk.enrollment_events
         WHERE action = 'attribution_corrected' ORDER BY pk",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let name = || Some("Ana Lima".to_owned());
    assert_eq!(corrections, [(name(), None), (None, name())]);
}

#[database_test]
async fn event_has_request_id_and_pair(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::at(pool.clone(), "2026-05-28T09:15:00Z").await;
    let answer = app.api_client(&["write"]).await.enroll(&emea, &acme).await;

    let event: (String, String, String, String, String) = sqlx::query_as(
        "SELECT v.request_id, v.occurred_at::text, e.workspace_group_workspace_id::text,
                g.workspace_group_id::text, w.workspace_id::text
         FROM groupdesk.enrollment_events v
         JOIN core_api.workspace_group_workspaces e ON e.pk = v.workspace_group_workspace_pk
         JOIN core_api.workspace_groups g ON g.pk = v.workspace_group_pk
         JOIN core_api.workspaces w ON w.pk = v.workspace_pk",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let (request, at, enrollment, group, workspace) = event;
    assert_eq!(request, answer.header("x-request-id"));
    assert_eq!((enrollment, group, workspace), (answer.id(), emea, acme));
    assert!(at.starts_with("2026-05-28 09:15:00"), "{at}");
}

#[database_test]
async fn event_is_written_in_the_transaction_of_its_change(pool: PgPool) {
    let group = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let mut ids = Vec::new();
    for name in ["Acme", "Beta", "Cobalt"] {
        let workspace = workspace(&pool, name).await;
        ids.push(api.enroll(&group, &workspace).await.id());
    }
    api.delete(&format!("/v1/workspace-group-workspaces/{}", ids[1])).await;
    change_creator(&api, &ids[2], Some(&ana)).await;

    // `xmin` is the transaction that wrote this version of a row.
    let same: Vec<(String, bool)> = sqlx::query_as(
        "SELECT v.action, v.xmin = e.xmin
         FROM groupdesk.enrollment_events v
         JOIN core_api.workspace_group_workspaces e ON e.pk = v.workspace_group_workspace_pk
         WHERE v.pk IN (SELECT max(pk) FROM groupdesk.enrollment_events GROUP BY workspace_group_workspace_pk)
         ORDER BY e.pk",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let of = |action: &str| (action.to_owned(), true);
    assert_eq!(same, [of("enrolled"), of("removed"), of("attribution_corrected")]);
}

#[database_test]
async fn change_fails_if_its_event_cannot_be_written(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let beta = workspace(&pool, "Beta").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let live = api.enroll(&emea, &acme).await.id();
    execute(
        &pool,
        "ALTER TABLE groupdesk.enrollment_events ADD CONSTRAINT secret_trouble CHECK (false) NOT VALID",
    )
    .await;

    for answer in
        [api.enroll(&emea, &beta).await, api.delete(&format!("/v1/workspace-group-workspaces/{live}")).await]
    {
        assert_eq!(answer.status, 500);
        assert_eq!(answer.errors()[0].1, "INTERNAL_ERROR");
        assert!(!answer.body.to_string().contains("secret_trouble"), "{answer:?}");
    }
    assert_eq!((row_count(&pool).await, live_count(&pool).await), (1, 1));
}

#[database_test]
async fn rolled_back_change_leaves_no_event(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let actor = Actor {
        person: Some(PersonRef { id: ana.parse().unwrap(), name: "Ana Lima".to_owned() }),
        source: Source::Web,
        token_name: None,
    };
    let call: Call<Administer> = Call::granted(actor, time("2026-05-28T09:15:00Z"), None);
    let new = NewEnrollment { group: emea.parse().unwrap(), workspace: acme.parse().unwrap() };

    let mut transaction = pool.begin().await.unwrap();
    let enrolled = ops::enrollment_enroll(&mut transaction, &call, new).await.unwrap();
    ops::enrollment_remove(&mut transaction, &call, enrolled.id).await.unwrap();
    ops::enrollment_readd(&mut transaction, &call, enrolled.id).await.unwrap();
    drop(transaction);

    assert_eq!((row_count(&pool).await, event_count(&pool).await), (0, 0));
}

#[database_test]
async fn refused_and_empty_changes_write_no_event(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client_for("ana@example.com", &["write", "pipeline"]).await;
    let reader = app.api_client(&["read"]).await;
    let id = api.enroll(&emea, &acme).await.id();
    let path = format!("/v1/workspace-group-workspaces/{id}");

    assert_eq!(api.enroll(&emea, &acme).await.status, 409);
    assert_eq!(api.enroll(&emea, &emea).await.status, 404);
    assert_eq!(reader.enroll(&emea, &acme).await.status, 403);
    assert_eq!(reader.delete(&path).await.status, 403);
    change_creator(&api, &id, Some(&ana)).await;
    let (_, nobody_known) = creator_change(&id, Some(&emea));
    assert_eq!(api.patch(&path, nobody_known).await.status, 404);
    assert_eq!(event_count(&pool).await, 1);

    assert_eq!(api.delete(&path).await.status, 204);
    assert_eq!(event_count(&pool).await, 2);
    let removed = crate::support::row(&pool, &id).await;
    assert_eq!(api.delete(&path).await.status, 204);
    change_creator(&api, &id, Some(&ana)).await;
    assert_eq!(event_count(&pool).await, 2);
    assert_eq!(crate::support::row(&pool, &id).await, removed);
}

#[database_test]
async fn new_group_writes_one_event_for_each_workspace(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let both = [&acme, &beta, &acme].map(|id| json!({ "type": "workspace", "id": id }));
    let answer = by_ana
        .post(
            "/v1/workspace-groups",
            json!({ "data": {
                "type": "workspace_group",
                "attributes": { "name": "EMEA" },
                "relationships": { "workspaces": { "data": both } }
            }}),
        )
        .await;

    assert_eq!(answer.status, 201);
    assert_eq!(row_count(&pool).await, 2);
    let by = logged("enrolled", "api", Some("Ana Lima"), Some("robot"));
    assert_eq!(events(&pool).await, [by.clone(), by]);
}
