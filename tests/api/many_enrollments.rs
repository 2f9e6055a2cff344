//! `POST /v1/workspace-groups/{id}/moves`, `/restores`, and `POST /v1/change-sets/{id}/undo`.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{
    ApiClient, TestApp, enroll, event_count, group, live_count, remove, row_count, time, violations,
    workspace,
};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

struct Scene {
    api: ApiClient,
    emea: String,
    apac: String,
    workspaces: Vec<String>,
    app: TestApp,
}

/// Four workspaces, of which three are in EMEA and the last of these is in APAC, too.
async fn scene(pool: &PgPool) -> Scene {
    let (emea, apac) = (group(pool, "EMEA").await, group(pool, "APAC").await);
    let mut workspaces = Vec::new();
    for name in ["Acme", "Bolt", "Cyan", "Dune"] {
        workspaces.push(workspace(pool, name).await);
    }
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    for (group, workspace) in [(&emea, 0), (&emea, 1), (&emea, 2), (&apac, 2)] {
        assert_eq!(api.enroll(group, &workspaces[workspace]).await.status, 201);
    }
    Scene { api, emea, apac, workspaces, app }
}

fn named(workspaces: &[&str]) -> Value {
    workspaces.iter().map(|id| json!({ "type": "workspace", "id": id })).collect()
}

async fn members(api: &ApiClient, group: &str) -> Vec<String> {
    let mut ids = api.get(&format!("/v1/workspace-groups/{group}/relationships/workspaces")).await.ids();
    ids.sort();
    ids
}

fn sorted(ids: &[&String]) -> Vec<String> {
    let mut ids: Vec<String> = ids.iter().map(|id| (*id).clone()).collect();
    ids.sort();
    ids
}

#[database_test]
async fn move_and_its_undo(pool: PgPool) {
    let Scene { api, emea, apac, workspaces, app } = scene(&pool).await;
    let [acme, bolt, cyan, _] = &workspaces[..] else { panic!() };
    let meta = json!({ "to": apac, "reason": "Reorganization" });
    let path = format!("/v1/workspace-groups/{emea}/moves");
    let moved = api.post(&path, json!({ "data": named(&[bolt, cyan]), "meta": meta })).await;
    assert_eq!((moved.status, &moved.body["meta"]["workspaces"]), (200, &json!(2)), "{moved:?}");
    assert_eq!(moved.body["meta"]["already"], 1);
    assert_eq!(members(&api, &emea).await, sorted(&[acme]));
    assert_eq!(members(&api, &apac).await, sorted(&[bolt, cyan]));

    let set = moved.body["meta"]["change_set_id"].as_str().unwrap();
    let events = api.get(&format!("/v1/enrollment-events?filter%5Bchange_set%5D={set}")).await;
    let reasons: Vec<_> =
        events.body["data"].as_array().unwrap().iter().map(|event| &event["attributes"]["reason"]).collect();
    assert_eq!(reasons, vec![&json!("Reorganization"); 3]);

    let undo = format!("/v1/change-sets/{set}/undo");
    let preview = api.post(&undo, json!({ "meta": { "dry_run": true } })).await;
    assert_eq!(
        (&preview.body["meta"]["enroll"], &preview.body["meta"]["remove"]),
        (&json!(2), &json!(1)),
        "{preview:?}"
    );
    let plan = preview.body["meta"]["plan"].clone();
    let undone = api.post(&undo, json!({ "meta": { "plan": plan } })).await;
    assert_eq!((undone.status, &undone.body["meta"]["enrolled"]), (200, &json!(2)), "{undone:?}");
    assert_eq!(members(&api, &emea).await, sorted(&[acme, bolt, cyan]));
    assert_eq!(members(&api, &apac).await, sorted(&[cyan]));
    let outdated = api.post(&undo, json!({ "meta": { "plan": plan } })).await;
    assert_eq!(outdated.body["errors"][0]["code"], "PREVIEW_CHANGED", "{outdated:?}");
    let again = api.post(&undo, json!({ "meta": {} })).await;
    assert_eq!((again.status, &again.body["errors"][0]["code"]), (409, &json!("NOTHING_TO_UNDO")));
    assert_eq!(violations(&mut pool.acquire().await.unwrap()).await, Vec::<String>::new());
    app.close().await;
}

#[database_test]
async fn import_that_runs_is_not_undone(pool: PgPool) {
    let Scene { api, app, .. } = scene(&pool).await;
    let set: String =
        sqlx::query_scalar("SELECT change_set_id::text FROM groupdesk.enrollment_events LIMIT 1")
            .fetch_one(&pool)
            .await
            .unwrap();
    let running = "INSERT INTO groupdesk.imports (import_id, workspace_group_pk, state, created_at, lines)
         SELECT $1::uuid, pk, 'running', now(), 1 FROM core_api.workspace_groups LIMIT 1";
    sqlx::query(running).bind(&set).execute(&pool).await.unwrap();
    let refused = api.post(&format!("/v1/change-sets/{set}/undo"), json!({ "meta": {} })).await;
    assert_eq!(
        (refused.status, &refused.body["errors"][0]["code"]),
        (409, &json!("IMPORT_UNDER_WAY")),
        "{refused:?}"
    );
    app.close().await;
}

#[database_test]
async fn copy_keeps_the_source(pool: PgPool) {
    let Scene { api, emea, apac, workspaces, .. } = scene(&pool).await;
    let meta = json!({ "to": apac, "keep": true });
    let path = format!("/v1/workspace-groups/{emea}/moves");
    let copied = api.post(&path, json!({ "data": named(&[&workspaces[0]]), "meta": meta })).await;
    assert_eq!(copied.status, 200, "{copied:?}");
    assert_eq!(members(&api, &emea).await, sorted(&workspaces[..3].iter().collect::<Vec<_>>()));
    assert_eq!(members(&api, &apac).await, sorted(&[&workspaces[0], &workspaces[2]]));
}

#[database_test]
async fn refused_moves_change_nothing(pool: PgPool) {
    let Scene { api, emea, apac, workspaces, .. } = scene(&pool).await;
    let path = format!("/v1/workspace-groups/{emea}/moves");
    let before = event_count(&pool).await;
    let both = named(&[&workspaces[0], &workspaces[3]]);
    for (body, status, pointer) in [
        (json!({ "data": both, "meta": { "to": apac } }), 404, "/data/1/id"),
        (json!({ "data": named(&[&workspaces[0]]), "meta": { "to": emea } }), 422, "/meta/to"),
        (json!({ "data": named(&[&workspaces[0]]), "meta": { "to": NOBODY } }), 404, "/meta/to"),
        (
            json!({ "data": named(&[&workspaces[0]]), "meta": { "to": apac, "keep": "yes" } }),
            422,
            "/meta/keep",
        ),
        (json!({ "data": named(&[&workspaces[0]]), "meta": {} }), 422, "/meta"),
        (json!({ "data": [{ "type": "workspace", "id": "x" }], "meta": { "to": apac } }), 404, "/data/0/id"),
    ] {
        let refused = api.post(&path, body.clone()).await;
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["source"]["pointer"]),
            (status, &json!(pointer)),
            "{body} {refused:?}"
        );
    }
    assert_eq!((event_count(&pool).await, live_count(&pool).await), (before, 4));
}

#[database_test]
async fn membership_is_restored(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let (acme, bolt) = (workspace(&pool, "Acme").await, workspace(&pool, "Bolt").await);
    let enrolled = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    remove(&pool, &enrolled, time("2026-05-03T00:00:00Z")).await;
    enroll(&pool, &emea, &bolt, time("2026-05-03T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let path = format!("/v1/workspace-groups/{emea}/restores");
    let as_of = "2026-05-02T00:00:00Z";
    let preview = api.post(&path, json!({ "meta": { "as_of": as_of, "dry_run": true } })).await;
    assert_eq!(
        (&preview.body["meta"]["enroll"], &preview.body["meta"]["remove"]),
        (&json!(1), &json!(1)),
        "{preview:?}"
    );
    assert_eq!(row_count(&pool).await, 2);
    let plan = &preview.body["meta"]["plan"];
    let restored = api.post(&path, json!({ "meta": { "as_of": as_of, "plan": plan } })).await;
    assert_eq!(restored.status, 200, "{restored:?}");
    assert_eq!(members(&api, &emea).await, [acme]);
    for (meta, pointer) in [
        (json!({}), "/meta"),
        (json!({ "as_of": "yesterday" }), "/meta/as_of"),
        (json!({ "as_of": "2999-01-01T00:00:00Z" }), "/meta/as_of"),
        (json!({ "as_of": as_of, "plan": "x" }), "/meta/plan"),
    ] {
        let refused = api.post(&path, json!({ "meta": meta })).await;
        assert_eq!(
            (refused.status, &refused.body["errors"][0]["source"]["pointer"]),
            (422, &json!(pointer)),
            "{refused:?}"
        );
    }
    let unknown = format!("/v1/workspace-groups/{NOBODY}/restores");
    assert_eq!(api.post(&unknown, json!({ "meta": { "as_of": as_of } })).await.status, 404);
    assert_eq!(api.post("/v1/change-sets/x/undo", json!({ "meta": {} })).await.status, 404);
    assert_eq!(api.post(&format!("/v1/change-sets/{NOBODY}/undo"), json!({ "meta": {} })).await.status, 404);
}
