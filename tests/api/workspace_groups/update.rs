//! `PATCH /v1/workspace-groups/{id}` changes the name, and nothing else.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{
    TestApp, admin_events, bad_parameter, enroll, error, event_count, group, person, time, workspace,
};

const CREATED: &str = "2026-05-01T00:00:00.000Z";
const NOW: &str = "2026-05-28T09:15:00.000Z";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

fn path(id: &str) -> String {
    format!("/v1/workspace-groups/{id}")
}

fn named(id: &str, name: Value) -> Value {
    json!({ "data": { "type": "workspace_group", "id": id, "attributes": { "name": name } } })
}

/// EMEA, created on 1 May.
async fn emea(pool: &PgPool) -> String {
    let id = group(pool, "EMEA").await;
    sqlx::query("UPDATE core_api.workspace_groups SET created_at = $1, updated_at = $1")
        .bind(time(CREATED))
        .execute(pool)
        .await
        .unwrap();
    id
}

/// All columns of the only group.
async fn row(pool: &PgPool) -> String {
    sqlx::query_scalar("SELECT g::text FROM core_api.workspace_groups g").fetch_one(pool).await.unwrap()
}

#[database_test]
async fn group_is_renamed_and_logged_with_the_actor(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (emea(&pool).await, workspace(&pool, "Acme").await);
    enroll(&pool, &emea, &acme, time(CREATED)).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let before = admin_events(&pool).await.len();

    let answer = by_ana.patch(&path(&emea), named(&emea, json!("  Europe  "))).await;

    assert_eq!(answer.status, 200);
    let this = path(&emea);
    let links = |name: &str| {
        let linkage = format!("{this}/relationships/{name}");
        json!({ "self": linkage, "related": format!("{this}/{name}") })
    };
    assert_eq!(
        answer.body,
        json!({
            "data": {
                "type": "workspace_group",
                "id": emea,
                "attributes": {
                    "name": "Europe", "created_at": CREATED, "updated_at": NOW, "deleted_at": null
                },
                "relationships": {
                    "created_by": { "data": null, "links": links("created_by") },
                    "workspaces": { "links": links("workspaces") }
                },
                "links": { "self": this }
            },
            "links": { "self": this }
        })
    );
    assert_eq!(by_ana.get(&this).await.body, answer.body);
    assert_eq!(
        admin_events(&pool).await[before..],
        [("workspace_group_updated".to_owned(), Some("Ana Lima".to_owned()), Some("Europe".to_owned()))]
    );
    // The enrollments of the group are unaffected.
    assert_eq!(event_count(&pool).await, 0);
}

#[database_test]
async fn patch_without_changes_writes_nothing(pool: PgPool) {
    let emea = emea(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    let before = (row(&pool).await, admin_events(&pool).await);
    let shown = api.get(&path(&emea)).await;
    for body in [
        named(&emea, json!("EMEA")),
        named(&emea, json!(" EMEA\t")),
        json!({ "data": { "type": "workspace_group", "id": emea } }),
        json!({ "data": { "type": "workspace_group", "id": emea, "attributes": {}, "relationships": {} } }),
        named(&emea.to_uppercase(), json!("EMEA")),
        json!({ "data": { "type": "workspace_group", "id": emea, "attributes": { "@note": 1 } } }),
    ] {
        let answer = api.patch(&path(&emea), body.clone()).await;
        assert_eq!((answer.status, &answer.body), (200, &shown.body), "{body}");
        assert_eq!(answer.header("etag"), shown.header("etag"));
    }
    assert_eq!((row(&pool).await, admin_events(&pool).await), before);
}

#[database_test]
async fn invalid_names_are_refused(pool: PgPool) {
    let emea = emea(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    let before = (row(&pool).await, admin_events(&pool).await);
    for name in [
        json!(""),
        json!(" \t\u{a0} "),
        json!("x".repeat(256)),
        json!("a\u{0}b"),
        json!("a\nb"),
        json!(7),
        json!(null),
        json!({}),
    ] {
        let answer = api.patch(&path(&emea), named(&emea, name.clone())).await;
        let expected = error("422", "VALIDATION_ERROR", "/data/attributes/name");
        assert_eq!((answer.status, answer.errors()), (422, vec![expected]), "{name}");
    }
    assert_eq!((row(&pool).await, admin_events(&pool).await), before);
    let longest = "é".repeat(255);
    let answer = api.patch(&path(&emea), named(&emea, json!(longest))).await;
    assert_eq!((answer.status, &answer.body["data"]["attributes"]["name"]), (200, &json!(longest)));
}

#[database_test]
async fn other_members_cannot_be_updated(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (emea(&pool).await, workspace(&pool, "Acme").await);
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write", "pipeline"]).await;
    let before = (row(&pool).await, admin_events(&pool).await);
    for (place, value, status, code) in [
        ("/type", json!("workspace"), 409, "TYPE_MISMATCH"),
        ("/type", json!(7), 422, "VALIDATION_ERROR"),
        ("/id", json!(NOBODY), 409, "ID_MISMATCH"),
        ("/id", json!(7), 422, "VALIDATION_ERROR"),
        ("/attributes", json!("EMEA"), 422, "VALIDATION_ERROR"),
        ("/attributes/created_at", json!(NOW), 403, "SYSTEM_FIELD_READ_ONLY"),
        ("/attributes/updated_at", json!(null), 403, "SYSTEM_FIELD_READ_ONLY"),
        ("/attributes/deleted_at", json!(null), 403, "SYSTEM_FIELD_READ_ONLY"),
        ("/attributes/color", json!("red"), 422, "VALIDATION_ERROR"),
        (
            "/relationships/created_by",
            json!({ "data": { "type": "people", "id": ana } }),
            403,
            "RELATIONSHIP_READ_ONLY",
        ),
        (
            "/relationships/workspaces",
            json!({ "data": [{ "type": "workspace", "id": acme }] }),
            403,
            "FULL_REPLACEMENT_UNSUPPORTED",
        ),
        ("/relationships/workspaces", json!({ "data": [] }), 403, "FULL_REPLACEMENT_UNSUPPORTED"),
        ("/relationships/owner", json!({ "data": null }), 422, "VALIDATION_ERROR"),
    ] {
        let mut body = named(&emea, json!("Europe"));
        body["data"]["relationships"] = json!({});
        let (parent, name) = place.rsplit_once('/').unwrap();
        body["data"].pointer_mut(parent).unwrap()[name] = value;
        let answer = api.patch(&path(&emea), body.clone()).await;
        let expected = error(&status.to_string(), code, &format!("/data{place}"));
        assert_eq!((answer.status, answer.errors()), (status, vec![expected]), "{body}");
    }
    for body in [
        json!({ "data": { "id": emea, "attributes": { "name": "Europe" } } }),
        json!({ "data": { "type": "workspace_group", "attributes": { "name": "Europe" } } }),
    ] {
        let answer = api.patch(&path(&emea), body).await;
        assert_eq!((answer.status, answer.errors()), (422, vec![error("422", "VALIDATION_ERROR", "/data")]));
    }
    assert_eq!((row(&pool).await, admin_events(&pool).await), before);
}

#[database_test]
async fn removed_group_cannot_be_changed(pool: PgPool) {
    let emea = emea(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    assert_eq!(api.delete(&path(&emea)).await.status, 204);
    let before = (row(&pool).await, admin_events(&pool).await);
    // This holds for a document without changes, too.
    for name in ["Europe", "EMEA"] {
        let answer = api.patch(&path(&emea), named(&emea, json!(name))).await;
        let trace = answer.header("x-request-id");
        assert_eq!(answer.status, 409);
        assert_eq!(
            answer.body,
            json!({ "errors": [{
                "id": format!("{trace}-1"),
                "status": "409",
                "code": "RESOURCE_REMOVED",
                "title": "Resource removed",
                "detail": format!("The workspace group {emea} is removed and can no longer be changed."),
                "meta": { "trace_id": trace }
            }]})
        );
    }
    assert_eq!((row(&pool).await, admin_events(&pool).await), before);
}

#[database_test]
async fn renaming_needs_an_existing_group_and_write_scope(pool: PgPool) {
    let emea = emea(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let (api, reader) = (app.api_client(&["write"]).await, app.api_client(&["read"]).await);
    for id in [NOBODY, "42"] {
        let answer = api.patch(&path(id), named(id, json!("Europe"))).await;
        let expected = ("404".to_owned(), "WORKSPACE_GROUP_NOT_FOUND".to_owned(), Value::Null);
        assert_eq!((answer.status, answer.errors()), (404, vec![expected]), "{id}");
    }
    let before = row(&pool).await;
    let answer = reader.patch(&path(&emea), named(&emea, json!("Europe"))).await;
    assert_eq!((answer.status, answer.errors()[0].1.as_str()), (403, "FORBIDDEN"));
    assert_eq!(row(&pool).await, before);
}

#[database_test]
async fn response_applies_fields_and_include(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let id = by_ana.create_group("EMEA").await.id();
    let shape = "include=created_by&fields[workspace_group]=name,created_by&fields[people]=last_name";
    let address = format!("{}?{shape}", path(&id));
    let answer = by_ana.patch(&address, named(&id, json!("Europe"))).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["data"]["attributes"], json!({ "name": "Europe" }));
    assert_eq!(
        answer.body["included"],
        json!([{
            "type": "people",
            "id": ana,
            "attributes": { "last_name": "Lima" },
            "links": { "self": format!("/v1/people/{ana}") }
        }])
    );
    assert_eq!(by_ana.get(&address).await.body, answer.body);

    let answer = by_ana.patch(&format!("{}?sort=name", path(&id)), named(&id, json!("Never"))).await;
    assert_eq!((answer.status, answer.errors()), (400, vec![bad_parameter("sort")]));
    assert_eq!(by_ana.get(&path(&id)).await.body["data"]["attributes"]["name"], "Europe");
}
