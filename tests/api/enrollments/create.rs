//! `POST /v1/workspace-group-workspaces`

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::resource;
use crate::support::{
    Answer, ApiClient, TestApp, enroll, enrollment, error, group, person, row_count, time, workspace,
};

const MOMENT: &str = "2026-05-28T09:15:00.000Z";
const PATH: &str = "/v1/workspace-group-workspaces";

/// The document of an enrollment with this creator.
fn attributed(group: &str, workspace: &str, created_by: Value) -> Value {
    let mut body = enrollment(group, workspace);
    body["data"]["relationships"]["created_by"] = json!({ "data": created_by });
    body
}

#[database_test]
async fn enrolling_returns_201_resource_and_location(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::at(pool, MOMENT).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;

    let answer = by_ana.enroll(&emea, &acme).await;

    assert_eq!(answer.status, 201);
    let id = answer.id();
    let this = format!("{PATH}/{id}");
    let times = [Some(MOMENT), Some(MOMENT), None];
    assert_eq!(
        answer.body,
        json!({ "data": resource(&id, (&emea, &acme), Some(&ana), times), "links": { "self": this } })
    );
    assert_eq!(answer.header("location"), this);
    assert_eq!(by_ana.get(answer.header("location")).await.body, answer.body);
}

#[database_test]
async fn system_token_enrolls_without_a_creator(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::at(pool, MOMENT).await;
    let answer = app.api_client(&["write"]).await.enroll(&emea, &acme).await;
    let times = [Some(MOMENT), Some(MOMENT), None];
    assert_eq!(answer.body["data"], resource(&answer.id(), (&emea, &acme), None, times));
}

#[database_test]
async fn pipeline_scope_sets_any_creator_or_none(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let emea = group(&pool, "EMEA").await;
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let app = TestApp::start(pool).await;
    let system = app.api_client(&["write", "pipeline"]).await;
    let by_ana = app.api_client_for("ana@example.com", &["write", "pipeline"]).await;

    let named = system.post(PATH, attributed(&emea, &acme, json!({ "type": "people", "id": bo }))).await;
    let without_creator = by_ana.post(PATH, attributed(&emea, &beta, Value::Null)).await;

    assert_eq!((named.status, without_creator.status), (201, 201));
    let created_by = |answer: &Answer| answer.body["data"]["relationships"]["created_by"]["data"].clone();
    assert_eq!(created_by(&named), json!({ "type": "people", "id": bo }));
    assert_eq!(created_by(&without_creator), Value::Null);
    // Without the member, the creator is the actor.
    let cobalt = workspace(&app.pool, "Cobalt").await;
    let own = by_ana.enroll(&emea, &cobalt).await;
    assert_eq!(created_by(&own), json!({ "type": "people", "id": ana }));
}

#[database_test]
async fn creator_requires_the_pipeline_scope(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    for created_by in [json!({ "type": "people", "id": ana }), Value::Null] {
        let answer = by_ana.post(PATH, attributed(&emea, &acme, created_by)).await;
        assert_eq!(answer.status, 403);
        assert_eq!(answer.errors()[0].1, "FORBIDDEN");
        assert!(answer.body["errors"][0]["detail"].as_str().unwrap().contains("pipeline"));
    }
    assert_eq!(row_count(&pool).await, 0);
}

#[database_test]
async fn live_pair_is_a_conflict_with_a_link(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &acme, time(MOMENT)).await;
    let app = TestApp::start(pool.clone()).await;

    let answer = app.api_client(&["write"]).await.enroll(&emea, &acme).await;

    assert_eq!(answer.status, 409);
    let trace = answer.header("x-request-id");
    assert_eq!(
        answer.body,
        json!({ "errors": [{
            "id": format!("{trace}-1"),
            "status": "409",
            "code": "WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS",
            "title": "Already enrolled",
            "detail": format!("Workspace {acme} already has a live enrollment in workspace group {emea}."),
            "links": { "about": format!("{PATH}/{live}") },
            "meta": { "trace_id": trace }
        }]})
    );
    assert_eq!(row_count(&pool).await, 1);
}

/// Status and errors of the response to this body.
async fn post_refused(api: &ApiClient, body: Value) -> (u16, Vec<(String, String, Value)>) {
    let answer = api.post(PATH, body).await;
    (answer.status, answer.errors())
}

#[database_test]
async fn unknown_ids_are_404_with_a_pointer(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let place = |name: &str| format!("/data/relationships/{name}/data/id");

    // The id of a workspace is not one of a group, and malformed ids do not exist.
    for unknown in [nobody, &acme, "42", "' OR 1=1 --"] {
        assert_eq!(
            post_refused(&api, enrollment(unknown, &acme)).await,
            (404, vec![error("404", "WORKSPACE_GROUP_NOT_FOUND", &place("workspace_group"))])
        );
    }
    for unknown in [nobody, &emea, "42"] {
        assert_eq!(
            post_refused(&api, enrollment(&emea, unknown)).await,
            (404, vec![error("404", "WORKSPACE_NOT_FOUND", &place("workspace"))])
        );
    }
    for unknown in [nobody, &emea, "42"] {
        let body = attributed(&emea, &acme, json!({ "type": "people", "id": unknown }));
        assert_eq!(
            post_refused(&api, body).await,
            (404, vec![error("404", "PEOPLE_NOT_FOUND", &place("created_by"))])
        );
    }
    assert_eq!(row_count(&pool).await, 0);
}

#[database_test]
async fn computed_attributes_cannot_be_written(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    for name in ["created_at", "updated_at", "deleted_at"] {
        for value in [json!(MOMENT), Value::Null] {
            let mut body = enrollment(&emea, &acme);
            body["data"]["attributes"] = json!({ name: value });
            let pointer = format!("/data/attributes/{name}");
            assert_eq!(
                post_refused(&api, body).await,
                (403, vec![error("403", "SYSTEM_FIELD_READ_ONLY", &pointer)])
            );
        }
    }
    let mut body = enrollment(&emea, &acme);
    body["data"]["id"] = json!("00000000-0000-4000-8000-000000000000");
    assert_eq!(
        post_refused(&api, body).await,
        (403, vec![error("403", "CLIENT_ID_UNSUPPORTED", "/data/id")])
    );
    assert_eq!(row_count(&pool).await, 0);
}

#[database_test]
async fn each_document_error_has_a_pointer(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let pair = &enrollment(&emea, &acme)["data"]["relationships"];
    let (one_group, one_workspace) = (&pair["workspace_group"], &pair["workspace"]);
    let kind = "workspace_group_workspace";
    let invalid = |pointer: &str| vec![error("422", "VALIDATION_ERROR", pointer)];

    for (body, status, errors) in [
        (json!([]), 422, invalid("")),
        (json!("enroll"), 422, invalid("")),
        (json!({}), 422, invalid("")),
        (json!({ "data": null }), 422, invalid("/data")),
        (json!({ "data": [] }), 422, invalid("/data")),
        (json!({ "data": { "relationships": pair } }), 422, invalid("/data")),
        (json!({ "data": { "type": 7, "relationships": pair } }), 422, invalid("/data/type")),
        (
            json!({ "data": { "type": "workspace", "relationships": pair } }),
            409,
            vec![error("409", "TYPE_MISMATCH", "/data/type")],
        ),
        (
            json!({ "data": { "type": kind, "relationships": pair, "attributes": { "color": "red" } } }),
            422,
            invalid("/data/attributes/color"),
        ),
        (
            json!({ "data": { "type": kind, "relationships": pair, "attributes": 7 } }),
            422,
            invalid("/data/attributes"),
        ),
        (
            json!({ "data": { "type": kind, "relationships": {
                "workspace_group": one_group, "workspace": one_workspace, "owner": { "data": null } } } }),
            422,
            invalid("/data/relationships/owner"),
        ),
        (
            json!({ "data": { "type": kind, "relationships": { "workspace": one_workspace } } }),
            422,
            invalid("/data/relationships"),
        ),
        (
            json!({ "data": { "type": kind, "relationships": { "workspace_group": one_group } } }),
            422,
            invalid("/data/relationships"),
        ),
        (
            json!({ "data": { "type": kind, "relationships": {
                "workspace_group": { "data": null }, "workspace": one_workspace } } }),
            422,
            invalid("/data/relationships/workspace_group/data"),
        ),
        (
            json!({ "data": { "type": kind, "relationships": {
                "workspace_group": {}, "workspace": one_workspace } } }),
            422,
            invalid("/data/relationships/workspace_group"),
        ),
        (
            json!({ "data": { "type": kind, "relationships": {
                "workspace_group": { "data": { "type": "workspace", "id": acme } }, "workspace": one_workspace } } }),
            422,
            invalid("/data/relationships/workspace_group/data/type"),
        ),
        (
            json!({ "data": { "type": kind, "relationships": {
                "workspace_group": one_group, "workspace": { "data": { "type": "workspace" } } } } }),
            422,
            invalid("/data/relationships/workspace/data"),
        ),
        (
            json!({ "data": { "type": kind, "relationships": {
                "workspace_group": one_group, "workspace": { "data": { "type": "workspace", "id": 42 } } } } }),
            422,
            invalid("/data/relationships/workspace/data/id"),
        ),
        (
            json!({ "data": { "type": kind, "relationships": {
                "workspace_group": one_group, "workspace": { "data": [{ "type": "workspace", "id": acme }] } } } }),
            422,
            invalid("/data/relationships/workspace/data"),
        ),
    ] {
        assert_eq!(post_refused(&api, body.clone()).await, (status, errors), "{body}");
    }
    assert_eq!(row_count(&pool).await, 0);
}

#[database_test]
async fn at_most_twenty_errors_are_reported_at_once(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let body = json!({ "data": {
        "type": "workspace",
        "id": "1",
        "attributes": { "deleted_at": null, "color": "red" }
    }});
    let answer = api.post(PATH, body).await;
    // Different statuses combine to the most general one.
    assert_eq!(answer.status, 400);
    assert_eq!(
        answer.errors(),
        [
            error("409", "TYPE_MISMATCH", "/data/type"),
            error("403", "CLIENT_ID_UNSUPPORTED", "/data/id"),
            error("422", "VALIDATION_ERROR", "/data/attributes/color"),
            error("403", "SYSTEM_FIELD_READ_ONLY", "/data/attributes/deleted_at"),
            error("422", "VALIDATION_ERROR", "/data"),
            error("422", "VALIDATION_ERROR", "/data"),
        ]
    );

    let attributes: serde_json::Map<String, Value> =
        (0..30).map(|number| (format!("field{number}"), json!(1))).collect();
    let body = json!({ "data": { "type": "workspace_group_workspace", "attributes": attributes } });
    let answer = api.post(PATH, body).await;
    assert_eq!((answer.status, answer.errors().len()), (422, 20));
}

/// "Unknown members … MUST be ignored", as must `@`-members anywhere.
#[database_test]
async fn unknown_members_are_ignored(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let answer = api
        .post(
            PATH,
            json!({
                "jsonapi": { "version": "1.1" },
                "@note": 1,
                "included": [],
                "data": {
                    "type": "workspace_group_workspace",
                    "lid": "new",
                    "meta": { "why": "because" },
                    "@note": 1,
                    "attributes": { "@note": { "deleted_at": 1 } },
                    "relationships": {
                        "@note": 1,
                        "workspace_group": { "data": { "type": "workspace_group", "id": emea, "@note": 1 }, "meta": {} },
                        "workspace": { "data": { "type": "workspace", "id": acme, "meta": {} }, "@note": 1 }
                    }
                }
            }),
        )
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

#[database_test]
async fn ids_are_case_insensitive(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool).await;
    let answer = app.api_client(&["write"]).await.enroll(&emea.to_uppercase(), &acme.to_uppercase()).await;
    assert_eq!(answer.status, 201);
    let relationships = &answer.body["data"]["relationships"];
    assert_eq!(relationships["workspace_group"]["data"]["id"], emea);
    assert_eq!(relationships["workspace"]["data"]["id"], acme);
}
