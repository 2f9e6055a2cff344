//! The reason and the reference of changes, and groups that require a reason.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, ApiClient, TestApp, enrollment, group, live_count, person, workspace};

const ENROLLMENTS: &str = "/v1/workspace-group-workspaces";

/// Requires a reason for changes of more than `above` enrollments of the group, or for all.
async fn require(pool: &PgPool, group: &str, above: Option<i32>) {
    let statement = "INSERT INTO groupdesk.group_settings (workspace_group_pk, reason_policy, reason_above)
         SELECT pk, CASE WHEN $2::int IS NULL THEN 'required' ELSE 'required_above' END, $2
         FROM core_api.workspace_groups WHERE workspace_group_id = $1::uuid";
    sqlx::query(statement).bind(group).bind(above).execute(pool).await.unwrap();
}

fn noted(mut document: Value, reason: &str) -> Value {
    document["meta"] = json!({ "reason": reason, "reference": "OPS-7" });
    document
}

async fn workspaces(pool: &PgPool, number: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..number {
        ids.push(workspace(pool, &format!("Workspace {number}")).await);
    }
    ids
}

async fn operate(api: &ApiClient, document: &Value) -> Answer {
    let atomic = r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic""#;
    let request = api.request(Method::POST, "/v1/operations").header("content-type", atomic);
    Answer::read(request.body(document.to_string())).await
}

/// The attributes of all events, the newest first.
async fn events(api: &ApiClient, query: &str) -> Vec<Value> {
    let page = api.get(&format!("/v1/enrollment-events?{query}")).await;
    assert_eq!(page.status, 200, "{page:?}");
    page.body["data"].as_array().unwrap().iter().map(|event| event["attributes"].clone()).collect()
}

#[database_test]
async fn reason_and_reference_are_recorded(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    let enrolled = api.post(ENROLLMENTS, noted(enrollment(&emea, &acme), " Contract signed ")).await;
    assert_eq!(enrolled.status, 201, "{enrolled:?}");
    let removed = api
        .request(Method::DELETE, enrolled.header("location"))
        .header("groupdesk-reason", "Vertrag%20gek%C3%BCndigt")
        .header("groupdesk-reference", "https://tickets.example.com/7")
        .send()
        .await
        .unwrap();
    assert_eq!(removed.status(), 204);
    let events = events(&api, "").await;
    assert_eq!(events[0]["reason"], "Vertrag gekündigt");
    assert_eq!(events[0]["reference"], "https://tickets.example.com/7");
    assert_eq!((&events[1]["reason"], &events[1]["reference"]), (&json!("Contract signed"), &json!("OPS-7")));
    assert_ne!(events[0]["change_set_id"], events[1]["change_set_id"]);
}

#[database_test]
async fn events_are_found_by_change_set_request_and_token(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let ids = workspaces(&pool, 3).await;
    let app = TestApp::start(pool).await;
    let (api, other) = (app.api_client(&["write"]).await, app.api_client(&["write"]).await);
    let both =
        json!({ "data": [{ "type": "workspace", "id": ids[0] }, { "type": "workspace", "id": ids[1] }] });
    let path = format!("/v1/workspace-groups/{emea}/relationships/workspaces");
    let added = api.post(&path, both).await;
    assert_eq!(added.status, 204, "{added:?}");
    assert_eq!(other.enroll(&emea, &ids[2]).await.status, 201);

    let all = events(&api, "").await;
    assert_eq!(all.len(), 3);
    let set = all[1]["change_set_id"].as_str().unwrap();
    assert_eq!(all[2]["change_set_id"], set);
    assert_eq!(events(&api, &format!("filter%5Bchange_set%5D={set}")).await, all[1..]);
    let request = all[1]["request_id"].as_str().unwrap();
    assert_eq!(events(&api, &format!("filter%5Brequest_id%5D={request}")).await, all[1..]);
    for nothing in
        ["filter%5Brequest_id%5D=unknown", "filter%5Btoken%5D=00000000-0000-4000-8000-000000000000"]
    {
        assert_eq!(events(&api, nothing).await, Vec::<Value>::new(), "{nothing}");
    }
}

#[database_test]
async fn token_filter_finds_the_changes_of_one_token(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let ids = workspaces(&pool, 2).await;
    let app = TestApp::start(pool.clone()).await;
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let system = app.api_client(&["write"]).await;
    let ana = app.api_client_for("ana@example.com", &["write"]).await;
    system.enroll(&emea, &ids[0]).await;
    ana.enroll(&emea, &ids[1]).await;
    let tokens: Vec<(bool, String)> =
        sqlx::query_as("SELECT is_system, api_token_id::text FROM groupdesk.api_tokens")
            .fetch_all(&pool)
            .await
            .unwrap();
    for (is_system, id) in tokens {
        let found = events(&system, &format!("filter%5Btoken%5D={id}")).await;
        let expected = if is_system { Value::Null } else { json!("Ana Lima") };
        assert_eq!(found.iter().map(|event| event["actor_name"].clone()).collect::<Vec<_>>(), [expected]);
    }
}

#[database_test]
async fn malformed_note_is_refused(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    for (meta, pointer) in [
        (json!({ "reason": 7 }), "/meta/reason"),
        (json!({ "reason": "x".repeat(501) }), "/meta/reason"),
        (json!({ "reference": "x".repeat(101) }), "/meta/reference"),
        (json!({ "reason": "a\u{0}b" }), "/meta/reason"),
        (json!([]), "/meta"),
    ] {
        let mut document = enrollment(&emea, &acme);
        document["meta"] = meta;
        let refused = api.post(ENROLLMENTS, document).await;
        assert_eq!(refused.status, 422, "{refused:?}");
        assert_eq!(refused.body["errors"][0]["source"]["pointer"], pointer);
    }
    for value in ["%ff".to_owned(), "x".repeat(501)] {
        let path = format!("{ENROLLMENTS}/{acme}");
        let refused =
            api.request(Method::DELETE, &path).header("groupdesk-reason", value).send().await.unwrap();
        let body: Value = refused.json().await.unwrap();
        assert_eq!(body["errors"][0]["source"]["header"], "Groupdesk-Reason", "{body}");
    }
    assert_eq!(live_count(&pool).await, 0);
}

#[database_test]
async fn group_requires_a_reason(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    require(&pool, &emea, None).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let refused = api.enroll(&emea, &acme).await;
    let error = &refused.body["errors"][0];
    assert_eq!((refused.status, &error["code"]), (422, &json!("REASON_REQUIRED")), "{refused:?}");
    assert_eq!(error["source"]["pointer"], "/meta/reason");
    assert_eq!(live_count(&pool).await, 0);

    let enrolled = api.post(ENROLLMENTS, noted(enrollment(&emea, &acme), "Asked for")).await;
    assert_eq!(enrolled.status, 201, "{enrolled:?}");
    assert_eq!(api.delete(enrolled.header("location")).await.status, 422);
    let correction = json!({ "data": null });
    let path = format!("{ENROLLMENTS}/{}/relationships/created_by", enrolled.id());
    assert_eq!(api.patch(&path, correction).await.status, 204, "it has no creator, so nothing changes");
    assert_eq!(live_count(&pool).await, 1);
}

/// Also across the statements of one request.
#[database_test]
async fn reason_is_required_above_a_number(pool: PgPool) {
    let (emea, ids) = (group(&pool, "EMEA").await, workspaces(&pool, 4).await);
    require(&pool, &emea, Some(2)).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let operations = |number: usize, meta: Value| {
        let add = |id: &String| json!({ "op": "add", "data": enrollment(&emea, id)["data"], "meta": meta });
        json!({ "atomic:operations": ids[..number].iter().map(add).collect::<Vec<_>>() })
    };
    let refused = operate(&api, &operations(3, Value::Null)).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    assert_eq!(refused.body["errors"][0]["source"]["pointer"], "/atomic:operations/2/meta/reason");
    assert_eq!(live_count(&pool).await, 0, "all or nothing");

    assert_eq!(operate(&api, &operations(2, Value::Null)).await.status, 200);
    let explained = json!({ "reason": "Migration" });
    let add = |id: &String| json!({ "op": "add", "data": enrollment(&emea, id)["data"], "meta": explained });
    let rest = json!({ "atomic:operations": ids[2..].iter().map(add).collect::<Vec<_>>() });
    assert_eq!(operate(&api, &rest).await.status, 200);
    let all = events(&api, "").await;
    assert_eq!(
        all.iter().map(|event| event["reason"].is_string()).collect::<Vec<_>>(),
        [true, true, false, false]
    );
    assert_eq!(all[0]["change_set_id"], all[1]["change_set_id"]);
}
