//! `POST /v1/workspace-groups`, optionally with first workspaces, which are all enrolled or none.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{TestApp, error, event_count, person, row_count, workspace};

const MOMENT: &str = "2026-05-28T09:15:00.000Z";
const PATH: &str = "/v1/workspace-groups";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

fn document(name: &str, workspaces: &[&str]) -> Value {
    let data: Vec<Value> = workspaces.iter().map(|id| json!({ "type": "workspace", "id": id })).collect();
    json!({ "data": {
        "type": "workspace_group",
        "attributes": { "name": name },
        "relationships": { "workspaces": { "data": data } }
    }})
}

async fn group_count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM core_api.workspace_groups").fetch_one(pool).await.unwrap()
}

#[database_test]
async fn group_is_created_with_its_creator(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::at(pool, MOMENT).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;

    let answer = by_ana
        .post(PATH, json!({ "data": { "type": "workspace_group", "attributes": { "name": "  EMEA  " } } }))
        .await;

    assert_eq!(answer.status, 201);
    let this = format!("{PATH}/{}", answer.id());
    assert_eq!(
        answer.body,
        json!({
            "data": {
                "type": "workspace_group",
                "id": answer.id(),
                "attributes": { "name": "EMEA", "created_at": MOMENT, "updated_at": MOMENT, "deleted_at": null },
                "relationships": {
                    "created_by": {
                        "data": { "type": "people", "id": ana },
                        "links": {
                            "self": format!("{this}/relationships/created_by"),
                            "related": format!("{this}/created_by")
                        }
                    },
                    "workspaces": { "links": {
                        "self": format!("{this}/relationships/workspaces"),
                        "related": format!("{this}/workspaces")
                    }}
                },
                "links": { "self": this }
            },
            "links": { "self": this }
        })
    );
    assert_eq!(answer.header("location"), this);
    assert_eq!(by_ana.get(&this).await.body, answer.body);
}

#[database_test]
async fn first_workspaces_are_enrolled_with_the_group(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let app = TestApp::start(pool).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;

    let group = by_ana.post(PATH, document("EMEA", &[&acme, &beta, &acme])).await;

    assert_eq!(group.status, 201);
    let listed =
        by_ana.get(&format!("/v1/workspace-group-workspaces?filter[workspace_group]={}", group.id())).await;
    let mut found: Vec<String> = Vec::new();
    for item in listed.body["data"].as_array().unwrap() {
        assert_eq!(item["relationships"]["created_by"]["data"]["id"], ana);
        assert_eq!(item["attributes"]["created_at"], group.body["data"]["attributes"]["created_at"]);
        found.push(item["relationships"]["workspace"]["data"]["id"].as_str().unwrap().to_owned());
    }
    found.sort();
    let mut expected = [acme, beta];
    expected.sort();
    assert_eq!(found, expected);
}

#[database_test]
async fn unknown_workspace_creates_nothing(pool: PgPool) {
    let (acme, gone) = (workspace(&pool, "Acme").await, workspace(&pool, "Gone").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    api.delete(&format!("/v1/workspaces/{gone}")).await;
    let missing = |index: usize| {
        error("404", "WORKSPACE_NOT_FOUND", &format!("/data/relationships/workspaces/data/{index}/id"))
    };

    let answer = api.post(PATH, document("EMEA", &[&acme, NOBODY])).await;
    assert_eq!((answer.status, answer.errors()), (404, vec![missing(1)]));
    let answer = api.post(PATH, document("EMEA", &[&gone, &acme, NOBODY])).await;
    let mut errors = answer.errors();
    errors.sort_by_key(|(_, _, source)| source.to_string());
    assert_eq!((answer.status, errors), (404, vec![missing(0), missing(2)]));
    let answer = api.post(PATH, document("EMEA", &[&acme, "no id"])).await;
    assert_eq!((answer.status, answer.errors()), (404, vec![missing(1)]));

    assert_eq!((group_count(&pool).await, row_count(&pool).await, event_count(&pool).await), (0, 0, 0));
}

#[database_test]
async fn invalid_names_are_refused(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let named =
        |name: Value| json!({ "data": { "type": "workspace_group", "attributes": { "name": name } } });
    for name in [
        json!(""),
        json!(" \t\u{a0} "),
        json!("x".repeat(256)),
        json!("a\u{0}b"),
        json!("a\nb"),
        json!(7),
        json!(null),
        json!(["EMEA"]),
    ] {
        let answer = api.post(PATH, named(name.clone())).await;
        assert_eq!(
            (answer.status, answer.errors()),
            (422, vec![error("422", "VALIDATION_ERROR", "/data/attributes/name")]),
            "{name}"
        );
    }
    let answer = api.post(PATH, json!({ "data": { "type": "workspace_group" } })).await;
    assert_eq!(answer.errors(), [error("422", "VALIDATION_ERROR", "/data")]);
    assert_eq!(group_count(&pool).await, 0);

    for name in ["x".repeat(255), "é".repeat(255), "EMEA".to_owned(), "EMEA".to_owned()] {
        assert_eq!(api.post(PATH, named(json!(name))).await.status, 201);
    }
}

#[database_test]
async fn server_controlled_members_are_refused(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let with = |pointer: &str, value: Value| {
        let mut body = document("EMEA", &[]);
        *body.pointer_mut("/data").unwrap() = {
            let mut data = body["data"].clone();
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            data.pointer_mut(parent).unwrap()[name] = value;
            data
        };
        body
    };
    for (pointer, value, status, code) in [
        ("/id", json!(NOBODY), 403, "CLIENT_ID_UNSUPPORTED"),
        ("/type", json!("workspace"), 409, "TYPE_MISMATCH"),
        ("/attributes/created_at", json!(MOMENT), 403, "SYSTEM_FIELD_READ_ONLY"),
        ("/attributes/deleted_at", json!(null), 403, "SYSTEM_FIELD_READ_ONLY"),
        ("/attributes/color", json!("red"), 422, "VALIDATION_ERROR"),
        (
            "/relationships/created_by",
            json!({ "data": { "type": "people", "id": ana } }),
            403,
            "RELATIONSHIP_READ_ONLY",
        ),
        ("/relationships/owner", json!({ "data": null }), 422, "VALIDATION_ERROR"),
    ] {
        let answer = api.post(PATH, with(pointer, value)).await;
        assert_eq!(
            (answer.status, answer.errors()),
            (status, vec![error(&status.to_string(), code, &format!("/data{pointer}"))])
        );
    }
    for (linkage, pointer) in [
        (json!({ "data": null }), "/data/relationships/workspaces/data"),
        (json!({}), "/data/relationships/workspaces"),
        (
            json!({ "data": [{ "type": "workspace_group", "id": NOBODY }] }),
            "/data/relationships/workspaces/data/0/type",
        ),
        (json!({ "data": ["x"] }), "/data/relationships/workspaces/data/0"),
    ] {
        let answer = api.post(PATH, with("/relationships/workspaces", linkage)).await;
        assert_eq!((answer.status, answer.errors()), (422, vec![error("422", "VALIDATION_ERROR", pointer)]));
    }
    assert_eq!(group_count(&pool).await, 0);
}
