//! `/v1/admin-events`: the administration log, for tokens with the scope `audit`.

use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{Answer, ApiClient, TestApp, assert_each_refused, group, person, time};

const PATH: &str = "/v1/admin-events";
const NOW: &str = "2026-05-28T09:15:00.000Z";
const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

/// Writes an event of an unknown subject, at this hour of the day.
async fn event(pool: &PgPool, action: &str, actor: Option<&str>, hour: i32) -> String {
    let id: Uuid = sqlx::query_scalar(
        "INSERT INTO groupdesk.admin_events
             (action, occurred_at, source, actor_people_pk, actor_name, subject_type, subject_name)
         SELECT $1, $2::timestamptz + make_interval(hours => $3), 'web', p.pk,
                p.first_name || ' ' || p.last_name, 'operator', 'ria@example.com'
         FROM (SELECT) one LEFT JOIN core_api.peoples p ON p.people_id = $4::uuid
         RETURNING admin_event_id",
    )
    .bind(action)
    .bind(time("2026-05-01T00:00:00Z"))
    .bind(hour)
    .bind(actor)
    .fetch_one(pool)
    .await
    .unwrap();
    id.to_string()
}

async fn read(api: &ApiClient, query: &str) -> Answer {
    let answer = api.get(&format!("{PATH}?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {answer:?}");
    answer
}

/// Status, code and detail of the only error.
fn refusal(answer: &Answer) -> Value {
    let error = &answer.body["errors"][0];
    json!([error["status"], error["code"], error["detail"]])
}

#[database_test]
async fn event_is_complete_by_itself_and_in_the_list(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::at(pool, NOW).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let created = by_ana.create_group("EMEA").await;

    let auditor = app.api_client(&["audit"]).await;
    let page = read(&auditor, "filter[action]=workspace_group_created&include=actor").await;
    let id = page.ids().remove(0);
    let this = format!("{PATH}/{id}");
    let shown = json!({
        "type": "admin_event",
        "id": id,
        "attributes": {
            "action": "workspace_group_created",
            "occurred_at": NOW,
            "source": "api",
            "actor_name": "Ana Lima",
            "token_name": "robot",
            "request_id": created.header("x-request-id"),
            "subject_type": "workspace_group",
            "subject_id": created.id(),
            "subject_name": "EMEA"
        },
        "relationships": { "actor": {
            "data": { "type": "people", "id": ana },
            "links": { "self": format!("{this}/relationships/actor"), "related": format!("{this}/actor") }
        } },
        "links": { "self": this }
    });
    assert_eq!(page.body["data"], json!([shown]));
    assert_eq!(page.body["included"][0]["attributes"]["email"], "ana@example.com");

    let single = auditor.get(&this).await;
    assert_eq!(single.body, json!({ "data": shown, "links": { "self": this } }));
    assert!(single.header("etag").starts_with('"'));

    let related = auditor.get(&format!("{this}/actor")).await;
    assert_eq!(related.body["data"]["id"], ana);
    let linkage = auditor.get(&format!("{this}/relationships/actor")).await;
    assert_eq!(linkage.body["data"], json!({ "type": "people", "id": ana }));
}

#[database_test]
async fn unknown_values_are_null(pool: PgPool) {
    let id = event(&pool, "sign_in_failed", None, 1).await;
    let app = TestApp::start(pool).await;
    let auditor = app.api_client(&["audit"]).await;
    let event = auditor.get(&format!("{PATH}/{id}")).await.body["data"].clone();
    for name in ["actor_name", "token_name", "request_id", "subject_id"] {
        assert_eq!(event["attributes"][name], Value::Null, "{name}");
    }
    assert_eq!(event["relationships"]["actor"]["data"], Value::Null);
    assert_eq!(auditor.get(&format!("{PATH}/{id}/actor")).await.body["data"], Value::Null);
}

/// Pages of two in both orders; the events of one time keep the order in which they were written.
#[database_test]
async fn filters_and_orders(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let mut ids = Vec::new();
    for (action, actor, hour) in [
        ("signed_in", Some(&ana), 1),
        ("signed_in", Some(&bo), 1),
        ("signed_out", Some(&ana), 2),
        ("sign_in_failed", None, 3),
        ("signed_in", Some(&bo), 3),
        ("signed_in", None, 4),
    ] {
        ids.push(event(&pool, action, actor.map(String::as_str), hour).await);
    }
    let app = TestApp::start(pool).await;
    let auditor = app.api_client(&["audit"]).await;
    for (filter, expected) in [
        (String::new(), vec![0, 1, 2, 3, 4, 5]),
        (format!("filter[actor]={ana}"), vec![0, 2]),
        (format!("filter[actor]={ana},{bo}"), vec![0, 1, 2, 4]),
        ("filter[actor]=none".to_owned(), vec![3, 5]),
        ("filter[action]=signed_in".to_owned(), vec![0, 1, 4, 5]),
        ("filter[action]=signed_out,sign_in_failed".to_owned(), vec![2, 3]),
        ("filter[action]=signed_out,signed_out".to_owned(), vec![2]),
        (format!("filter[action]=signed_in,signed_out&filter[actor]={ana},{bo}"), vec![0, 1, 2, 4]),
        ("filter[action]=signed_in&filter[actor]=none".to_owned(), vec![5]),
        (
            "filter[occurred_at][gte]=2026-05-01T02:00:00Z&filter[occurred_at][lt]=2026-05-01T04:00:00Z"
                .to_owned(),
            vec![2, 3, 4],
        ),
    ] {
        let oldest_first: Vec<&str> = expected.iter().map(|index: &usize| ids[*index].as_str()).collect();
        let newest_first: Vec<&str> = oldest_first.iter().rev().copied().collect();
        for (sort, expected) in [("occurred_at", oldest_first), ("-occurred_at", newest_first)] {
            // Later events are those of the test itself.
            let until =
                if filter.contains("[lt]") { "" } else { "&filter[occurred_at][lt]=2026-05-02T00:00:00Z" };
            let query = format!("{filter}{until}&sort={sort}&page[size]=2&page[total]=true");
            let mut found = Vec::new();
            let mut next = Some(format!("{PATH}?{query}"));
            while let Some(path) = next {
                let page = auditor.get(&path).await;
                assert_eq!(page.body["meta"]["page"]["total"], expected.len(), "{path}: {page:?}");
                found.extend(page.ids());
                next = page.body["links"]["next"].as_str().map(str::to_owned);
            }
            assert_eq!(found, expected, "{filter} {sort}");
        }
    }
    assert_each_refused(
        &auditor,
        PATH,
        &[
            ("filter[action]", "renamed"),
            ("filter[actor]", "ana"),
            ("filter[subject]", "x"),
            ("sort", "action"),
            ("include", "subject"),
        ],
    )
    .await;
}

/// `audit` reads both logs and nothing else, and no other scope includes it.
#[database_test]
async fn scope_audit_reads_the_logs_only(pool: PgPool) {
    group(&pool, "EMEA").await;
    let app = TestApp::start(pool).await;
    let (auditor, other) =
        (app.api_client(&["audit"]).await, app.api_client(&["read", "write", "pipeline"]).await);
    for path in [PATH, "/v1/enrollment-events"] {
        assert_eq!(auditor.get(path).await.status, 200, "{path}");
    }
    for path in ["/v1/workspace-groups", "/v1/workspaces", "/v1/people", "/v1/workspace-group-workspaces"] {
        let refused = auditor.get(path).await;
        assert_eq!(
            refusal(&refused),
            json!(["403", "FORBIDDEN", "This request requires a token with the scope read."]),
            "{path}"
        );
    }
    // The refusal does not reveal whether the event exists.
    for path in [PATH.to_owned(), format!("{PATH}/{UNKNOWN}"), format!("{PATH}/x")] {
        let refused = other.get(&path).await;
        let detail = "This request requires a token with the scope audit.";
        assert_eq!(refusal(&refused), json!(["403", "FORBIDDEN", detail]), "{path}");
    }
    let missing = auditor.get(&format!("{PATH}/{UNKNOWN}")).await;
    assert_eq!(
        refusal(&missing),
        json!(["404", "NOT_FOUND", format!("No administration event with id {UNKNOWN} exists.")])
    );
    for method in [Method::POST, Method::PATCH, Method::DELETE] {
        let answer = Answer::read(auditor.request(method.clone(), PATH)).await;
        assert_eq!(answer.status, 405, "{method}");
    }
}
