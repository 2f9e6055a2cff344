//! `GET /v1/workspace-group-workspaces`; its pages are tested in `api/pagination.rs`.

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use super::resource;
use crate::support::{ApiClient, TestApp, bad_parameter, enroll, group, person, remove, time, workspace};

const PATH: &str = "/v1/workspace-group-workspaces";
const PROFILE: &str = "https://jsonapi.org/profiles/ethanresnick/cursor-pagination";

#[database_test]
async fn live_enrollments_are_listed_newest_first(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let acme = workspace(&pool, "Acme").await;
    let older = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let newer = enroll(&pool, &apac, &acme, time("2026-05-02T00:00:00Z")).await;
    let beta = workspace(&pool, "Beta").await;
    let removed = enroll(&pool, &emea, &beta, time("2026-05-03T00:00:00Z")).await;
    remove(&pool, &removed, time("2026-05-04T00:00:00Z")).await;
    let app = TestApp::start(pool).await;

    let answer = app.api_client(&["read"]).await.get(PATH).await;

    assert_eq!(answer.status, 200);
    let shown = |id: &str, group: &str, at| resource(id, (group, &acme), None, [Some(at), Some(at), None]);
    assert_eq!(
        answer.body,
        json!({
            "data": [
                shown(&newer, &apac, "2026-05-02T00:00:00.000Z"),
                shown(&older, &emea, "2026-05-01T00:00:00.000Z"),
            ],
            "links": { "self": PATH, "first": PATH, "prev": null, "next": null },
            "jsonapi": { "version": "1.1", "profile": [PROFILE] }
        })
    );
}

#[database_test]
async fn empty_list_is_a_valid_document(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let answer = app.api_client(&["read"]).await.get(PATH).await;
    assert_eq!(
        answer.body,
        json!({
            "data": [],
            "links": { "self": PATH, "first": PATH, "prev": null, "next": null },
            "jsonapi": { "version": "1.1", "profile": [PROFILE] }
        })
    );
}

/// The ids that pass a filter, in the order of the list.
async fn filtered_ids(api: &ApiClient, filter: &str) -> Vec<String> {
    let answer = api.get(&format!("{PATH}?{filter}")).await;
    assert_eq!(answer.status, 200, "{filter}: {answer:?}");
    answer.ids()
}

#[database_test]
async fn filters_select_and_combine(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let by_bo = app.api_client_for("bo@example.com", &["write"]).await;
    let without_creator = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let anas = by_ana.enroll(&apac, &acme).await.id();
    let bos = by_bo.enroll(&emea, &beta).await.id();
    let gone = by_ana.enroll(&apac, &beta).await.id();
    by_bo.delete(&format!("{PATH}/{gone}")).await;
    let unknown = "00000000-0000-4000-8000-000000000000";

    for (filter, expected) in [
        (format!("filter[workspace_group]={emea}"), vec![&bos, &without_creator]),
        (format!("filter[workspace_group]={emea},{apac}"), vec![&bos, &anas, &without_creator]),
        (format!("filter[workspace_group]={unknown}"), vec![]),
        (format!("filter[workspace_group]={emea},{unknown}"), vec![&bos, &without_creator]),
        (format!("filter[workspace]={acme}"), vec![&anas, &without_creator]),
        (format!("filter[workspace]={}", acme.to_uppercase()), vec![&anas, &without_creator]),
        (format!("filter[workspace_group]={apac}&filter[workspace]={acme}"), vec![&anas]),
        (format!("filter[created_by]={ana}"), vec![&anas]),
        (format!("filter[created_by]={ana},{bo}"), vec![&bos, &anas]),
        ("filter[created_by]=none".to_owned(), vec![&without_creator]),
        ("filter[status]=live".to_owned(), vec![&bos, &anas, &without_creator]),
        ("filter[status]=removed".to_owned(), vec![&gone]),
        ("filter[status]=any".to_owned(), vec![&gone, &bos, &anas, &without_creator]),
        (format!("filter[status]=any&filter[created_by]={ana}"), vec![&gone, &anas]),
        (format!("filter%5Bstatus%5D=removed&filter%5Bworkspace%5D={acme}"), vec![]),
    ] {
        let expected: Vec<String> = expected.into_iter().cloned().collect();
        assert_eq!(filtered_ids(&by_ana, &filter).await, expected, "{filter}");
    }
}

#[database_test]
async fn invalid_filters_are_refused_by_name(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for (name, value) in [
        ("filter[workspace_group]", "42".to_owned()),
        ("filter[workspace_group]", String::new()),
        ("filter[workspace_group]", format!("{emea},")),
        ("filter[workspace]", "none".to_owned()),
        ("filter[created_by]", "None".to_owned()),
        ("filter[created_by]", format!("none,{emea}")),
        ("filter[status]", "deleted".to_owned()),
        ("filter[status]", String::new()),
        ("filter[name]", "x".to_owned()),
        ("filter[name]", "x".to_owned()),
        ("filter", "x".to_owned()),
    ] {
        let answer = api.get(&format!("{PATH}?{name}={value}")).await;
        assert_eq!((answer.status, answer.errors()), (400, vec![bad_parameter(name)]), "{name}={value}");
    }
}

#[database_test]
async fn included_resources_are_unique(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let emea = group(&pool, "EMEA").await;
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let app = TestApp::start(pool).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    by_ana.enroll(&emea, &acme).await;
    by_ana.enroll(&emea, &beta).await;

    let answer = by_ana.get(&format!("{PATH}?include=created_by,workspace,workspace_group")).await;

    let included = answer.body["included"].as_array().unwrap();
    let mut found: Vec<String> =
        included.iter().map(|one| format!("{} {}", one["type"], one["id"]).replace('"', "")).collect();
    found.sort();
    let mut expected = [
        format!("people {ana}"),
        format!("workspace {acme}"),
        format!("workspace {beta}"),
        format!("workspace_group {emea}"),
    ];
    expected.sort();
    assert_eq!(found, expected);
}

/// A removed group is not in the list of groups, but it is included.
#[database_test]
async fn removed_group_is_included(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let id = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    remove(&pool, &id, time("2026-05-02T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    api.delete(&format!("/v1/workspace-groups/{emea}")).await;

    let answer = api.get(&format!("{PATH}?filter[status]=any&include=workspace_group")).await;
    assert_eq!(answer.ids(), [id]);
    assert_eq!(answer.body["included"][0]["id"], emea);
    assert!(answer.body["included"][0]["attributes"]["deleted_at"].is_string());
}
