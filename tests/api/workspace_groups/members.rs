//! `/v1/workspace-groups/{id}/relationships/workspaces`: the enrolled workspaces of a group, with bulk
//! enrolling and removing; `…/{id}/workspaces` returns the complete resources.

use chrono::TimeDelta;
use pretty_assertions::assert_eq;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{
    Answer, ApiClient, JSON_API, TestApp, bad_parameter, enroll, error, event_count, events, group,
    live_count, person, remove, row_count, time, workspace,
};

const GROUPS: &str = "/v1/workspace-groups";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

fn members(group: &str) -> String {
    format!("{GROUPS}/{group}/relationships/workspaces")
}

fn identifiers(ids: &[&str]) -> Value {
    ids.iter().map(|id| json!({ "type": "workspace", "id": id })).collect()
}

async fn send(api: &ApiClient, method: Method, path: &str, data: Value) -> Answer {
    let body = json!({ "data": data }).to_string();
    Answer::read(api.request(method, path).header("content-type", JSON_API).body(body)).await
}

async fn add(api: &ApiClient, group: &str, ids: &[&str]) -> Answer {
    send(api, Method::POST, &members(group), identifiers(ids)).await
}

async fn remove_members(api: &ApiClient, group: &str, ids: &[&str]) -> Answer {
    send(api, Method::DELETE, &members(group), identifiers(ids)).await
}

fn assert_done(answer: &Answer) {
    assert_eq!((answer.status, &answer.body), (204, &Value::Null), "{answer:?}");
}

/// Asserts an error about the path, not about the body.
fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.errors()),
        (status, vec![(status.to_string(), code.to_owned(), Value::Null)]),
        "{answer:?}"
    );
}

/// A group with five workspaces, the last enrolled first.
async fn five(pool: &PgPool) -> (String, Vec<String>) {
    let (emea, apac) = (group(pool, "EMEA").await, group(pool, "APAC").await);
    let mut ids = Vec::new();
    for number in 0..5 {
        let id = workspace(pool, &format!("Workspace {number}")).await;
        enroll(pool, &emea, &id, time("2026-05-01T00:00:00Z") + TimeDelta::hours(number)).await;
        ids.insert(0, id);
    }
    // A workspace that was removed from this group and is enrolled in another one.
    let gone = workspace(pool, "Gone").await;
    let removed = enroll(pool, &emea, &gone, time("2026-05-01T00:00:00Z")).await;
    remove(pool, &removed, time("2026-05-02T00:00:00Z")).await;
    enroll(pool, &apac, &gone, time("2026-05-02T00:00:00Z")).await;
    (emea, ids)
}

#[database_test]
async fn members_are_listed_by_latest_enrollment(pool: PgPool) {
    let (emea, ids) = five(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;

    let answer = api.get(&members(&emea)).await;

    assert_eq!(answer.status, 200);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let this = members(&emea);
    let related = format!("{GROUPS}/{emea}/workspaces");
    let profile = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination";
    assert_eq!(
        answer.body,
        json!({
            "jsonapi": { "version": "1.1", "profile": [profile] },
            "data": identifiers(&ids),
            "links": { "self": this, "related": related, "first": this, "prev": null, "next": null }
        })
    );

    let whole = api.get(&related).await;
    assert_eq!((whole.status, whole.ids()), (200, answer.ids()));
    assert_eq!(whole.body["links"], json!({ "self": related, "first": related, "prev": null, "next": null }));
    for resource in whole.body["data"].as_array().unwrap() {
        let home = api.get(resource["links"]["self"].as_str().unwrap()).await;
        assert_eq!(*resource, home.body["data"]);
    }
    let names = api.get(&format!("{related}?fields[workspace]=name&page[size]=1")).await;
    assert_eq!(names.body["data"][0]["attributes"], json!({ "name": "Workspace 4" }));
}

#[database_test]
async fn both_lists_are_paged_and_counted(pool: PgPool) {
    let (emea, ids) = five(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for path in [members(&emea), format!("{GROUPS}/{emea}/workspaces")] {
        let counted_path = format!("{path}?page%5Bsize%5D=2&page%5Btotal%5D=true");
        let mut pages = vec![api.get(&counted_path).await];
        while let Some(next) = pages.last().unwrap().body["links"]["next"].as_str() {
            assert!(pages.len() < 5, "the links never end");
            let page = api.get(next).await;
            pages.push(page);
        }
        let found: Vec<Vec<String>> = pages.iter().map(Answer::ids).collect();
        assert_eq!(found, [&ids[..2], &ids[2..4], &ids[4..]]);
        for page in &pages {
            assert_eq!(page.body["meta"], json!({ "page": { "total": 5 } }));
            assert_eq!(page.body["links"]["first"], counted_path);
        }
        assert_eq!(pages[0].body["links"]["prev"], Value::Null);
        let back = api.get(pages[2].body["links"]["prev"].as_str().unwrap()).await;
        assert_eq!(back.ids(), &ids[2..4]);
        // A cursor is valid for its own list only.
        let (_, cursor) = pages[0].body["links"]["next"].as_str().unwrap().split_once('?').unwrap();
        let answer = api.get(&format!("/v1/workspaces?{cursor}")).await;
        assert_eq!((answer.status, answer.errors()[0].1.as_str()), (400, "INVALID_CURSOR"));
    }
    for name in ["sort", "filter[q]", "include", "fields[workspace]", "limit"] {
        let answer = api.get(&format!("{}?{name}=name", members(&emea))).await;
        assert_eq!((answer.status, answer.errors()), (400, vec![bad_parameter(name)]));
    }
}

#[database_test]
async fn members_are_added_and_removed_with_one_event_each(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let emea = group(&pool, "EMEA").await;
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let cobalt = workspace(&pool, "Cobalt").await;
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let system = app.api_client(&["write"]).await;
    let event = |action: &str, actor: Option<&str>| {
        (action.to_owned(), "api".to_owned(), actor.map(str::to_owned), Some("robot".to_owned()))
    };
    let (by_her, by_nobody) = (event("enrolled", Some("Ana Lima")), event("removed", None));

    assert_done(&add(&by_ana, &emea, &[&acme, &beta]).await);
    assert_eq!(events(&pool).await, [by_her.clone(), by_her.clone()]);
    // An enrolled workspace is not changed.
    assert_done(&add(&by_ana, &emea, &[&acme, &cobalt, &beta]).await);
    assert_done(&add(&system, &emea, &[&beta]).await);
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (3, 3));
    let created_by_her = by_ana
        .get(&format!("/v1/workspace-group-workspaces?filter[created_by]={ana}&page[total]=true"))
        .await;
    assert_eq!(created_by_her.body["meta"]["page"]["total"], 3);

    // A workspace that is not enrolled, or does not exist, is ignored.
    assert_done(&remove_members(&system, &emea, &[&acme, NOBODY, &cobalt, "no id"]).await);
    assert_done(&remove_members(&system, &emea, &[&acme]).await);
    assert_eq!(system.get(&members(&emea)).await.ids(), [beta.as_str()]);
    assert_eq!((row_count(&pool).await, live_count(&pool).await), (3, 1));
    // Adding again creates a new row beside the old one.
    assert_done(&add(&by_ana, &emea, &[&acme]).await);
    assert_eq!((row_count(&pool).await, live_count(&pool).await), (4, 2));
    assert_eq!(
        events(&pool).await,
        [by_her.clone(), by_her.clone(), by_her.clone(), by_nobody.clone(), by_nobody, by_her]
    );
}

#[database_test]
async fn duplicates_and_empty_lists_are_accepted(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let capitals = acme.to_uppercase();
    assert_done(&add(&api, &emea, &[]).await);
    assert_done(&remove_members(&api, &emea, &[]).await);
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (0, 0));
    assert_done(&add(&api, &emea, &[&acme, &acme, &capitals]).await);
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (1, 1));
    assert_done(&remove_members(&api, &emea, &[&capitals, &acme, &acme]).await);
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (1, 2));
}

#[database_test]
async fn hundreds_of_members_fit_into_one_request(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let ids: Vec<String> = sqlx::query_scalar(
        "INSERT INTO core_api.workspaces (name) SELECT 'Workspace ' || n FROM generate_series(1, 300) n
         RETURNING workspace_id::text",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let added = add(&api, &emea, &ids).await;
    assert_done(&added);
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (300, 300));
    let removed = remove_members(&api, &emea, &ids).await;
    assert_done(&removed);
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (0, 600));
    let requests: Vec<(String, i64)> = sqlx::query_as(
        "SELECT request_id, count(*) FROM groupdesk.enrollment_events GROUP BY request_id ORDER BY min(pk)",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let of = |answer: &Answer| (answer.header("x-request-id").to_owned(), 300_i64);
    assert_eq!(requests, [of(&added), of(&removed)]);
}

#[database_test]
async fn invalid_member_prevents_all_additions(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let gone = workspace(&pool, "Gone").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    assert_eq!(api.delete(&format!("/v1/workspaces/{gone}")).await.status, 204);
    let [acme, gone, emea] = [&acme, &gone, &emea].map(String::as_str);
    let missing = |index: usize| error("404", "WORKSPACE_NOT_FOUND", &format!("/data/{index}/id"));
    for (ids, expected) in [
        (vec![acme, NOBODY], vec![missing(1)]),
        (vec![gone, acme], vec![missing(0)]),
        (vec![acme, "no id", "42"], vec![missing(1), missing(2)]),
        (vec![NOBODY, acme, gone], vec![missing(0), missing(2)]),
        // The id of a group with the type of a workspace.
        (vec![acme, emea], vec![missing(1)]),
    ] {
        let answer = add(&api, emea, &ids).await;
        let mut errors = answer.errors();
        errors.sort_by_key(|(_, _, source)| source.to_string());
        assert_eq!((answer.status, errors), (404, expected), "{ids:?}");
    }
    for (data, pointer) in [
        (json!(null), "/data"),
        (json!({ "type": "workspace", "id": acme }), "/data"),
        (
            json!([{ "type": "workspace", "id": acme }, { "type": "workspace_group", "id": emea }]),
            "/data/1/type",
        ),
        (json!([{ "type": "workspace", "id": 7 }]), "/data/0/id"),
        (json!([{ "type": "workspace", "lid": "w" }]), "/data/0/lid"),
    ] {
        for method in [Method::POST, Method::DELETE] {
            let answer = send(&api, method, &members(emea), data.clone()).await;
            let expected = error("422", "VALIDATION_ERROR", pointer);
            assert_eq!((answer.status, answer.errors()), (422, vec![expected]), "{data}");
        }
    }
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (0, 0));
}

#[database_test]
async fn removed_group_takes_no_members_and_unknown_is_404(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    assert_eq!(api.delete(&format!("{GROUPS}/{emea}")).await.status, 204);
    for ids in [vec![acme.as_str()], vec![]] {
        assert_refused(&add(&api, &emea, &ids).await, 404, "WORKSPACE_GROUP_NOT_FOUND");
        // A removed group has no members, so there is nothing left to remove.
        assert_done(&remove_members(&api, &emea, &ids).await);
    }
    assert_eq!(api.get(&members(&emea)).await.ids(), Vec::<String>::new());
    for id in [NOBODY, "42", &acme] {
        for answer in [
            api.get(&members(id)).await,
            api.get(&format!("{GROUPS}/{id}/workspaces")).await,
            add(&api, id, &[&acme]).await,
            remove_members(&api, id, &[&acme]).await,
            send(&api, Method::PATCH, &members(id), json!([])).await,
        ] {
            assert_refused(&answer, 404, "WORKSPACE_GROUP_NOT_FOUND");
        }
    }
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (0, 0));
}

#[database_test]
async fn members_cannot_be_replaced_or_changed_by_readers(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let (api, reader) = (app.api_client(&["write"]).await, app.api_client(&["read"]).await);
    api.enroll(&emea, &acme).await;
    for ids in [vec![acme.as_str()], vec![]] {
        let answer = send(&api, Method::PATCH, &members(&emea), identifiers(&ids)).await;
        assert_refused(&answer, 403, "FULL_REPLACEMENT_UNSUPPORTED");
        for answer in [
            add(&reader, &emea, &ids).await,
            remove_members(&reader, &emea, &ids).await,
            send(&reader, Method::PATCH, &members(&emea), identifiers(&ids)).await,
        ] {
            assert_refused(&answer, 403, "FORBIDDEN");
        }
    }
    let wrong = api.request(Method::DELETE, &members(&emea)).body(json!({ "data": [] }).to_string());
    assert_eq!(Answer::read(wrong).await.status, 415);
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (1, 1));
}
