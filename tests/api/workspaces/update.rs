//! `PATCH /v1/workspaces/{id}`

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, JSON_API, TestApp, admin_events, error, person, time, workspace};

const CREATED: &str = "2026-05-01T00:00:00.000Z";
const NOW: &str = "2026-05-28T09:15:00.000Z";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

fn path(id: &str) -> String {
    format!("/v1/workspaces/{id}")
}

fn change(id: &str, attributes: Value) -> Value {
    json!({ "data": { "type": "workspace", "id": id, "attributes": attributes } })
}

/// Acme with all attributes, created on 1 May.
async fn acme(pool: &PgPool) -> String {
    let id = workspace(pool, "Acme").await;
    sqlx::query(
        "UPDATE core_api.workspaces
         SET description = 'Anvils', avatar_color = '#aabbcc', created_at = $1, updated_at = $1",
    )
    .bind(time(CREATED))
    .execute(pool)
    .await
    .unwrap();
    id
}

async fn row(pool: &PgPool, id: &str) -> String {
    sqlx::query_scalar("SELECT w::text FROM core_api.workspaces w WHERE workspace_id = $1::uuid")
        .bind(id)
        .fetch_one(pool)
        .await
        .unwrap()
}

#[database_test]
async fn workspace_is_changed_and_logged_with_the_actor(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let acme = acme(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let before = admin_events(&pool).await.len();

    let attributes = json!({
        "name": " Acme SAS ", "description": "Coatings\nand anvils", "external_workspace_id": "ws-17",
        "avatar_color": "#3366cc"
    });
    let answer = by_ana.patch(&path(&acme), change(&acme, attributes)).await;

    assert_eq!(answer.status, 200);
    let this = path(&acme);
    assert_eq!(
        answer.body,
        json!({
            "data": {
                "type": "workspace",
                "id": acme,
                "attributes": {
                    "name": "Acme SAS",
                    "description": "Coatings\nand anvils",
                    "external_workspace_id": "ws-17",
                    "avatar_color": "#3366cc",
                    "created_at": CREATED,
                    "updated_at": NOW,
                    "deleted_at": null
                },
                "relationships": { "workspace_groups": { "links": {
                    "self": format!("{this}/relationships/workspace_groups"),
                    "related": format!("{this}/workspace_groups")
                }}},
                "links": { "self": this }
            },
            "links": { "self": this }
        })
    );
    assert_eq!(by_ana.get(&this).await.body, answer.body);
    assert_eq!(
        admin_events(&pool).await[before..],
        [("workspace_updated".to_owned(), Some("Ana Lima".to_owned()), Some("Acme SAS".to_owned()))]
    );
}

#[database_test]
async fn absent_attributes_stay_and_null_clears(pool: PgPool) {
    let acme = acme(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    let mut expected = json!({
        "name": "Acme", "description": "Anvils", "external_workspace_id": "acme", "avatar_color": "#aabbcc",
        "created_at": CREATED, "updated_at": NOW, "deleted_at": null
    });
    for (name, value) in [
        ("description", json!(null)),
        ("external_workspace_id", json!(null)),
        ("avatar_color", json!(null)),
        ("name", json!("Beta")),
        ("description", json!("")),
        ("external_workspace_id", json!("acme")),
    ] {
        let mut attributes = json!({});
        attributes[name] = value.clone();
        expected[name] = value;
        let answer = api.patch(&path(&acme), change(&acme, attributes)).await;
        assert_eq!((answer.status, &answer.body["data"]["attributes"]), (200, &expected), "{name}");
        assert_eq!(api.get(&path(&acme)).await.body, answer.body);
    }
}

#[database_test]
async fn patch_without_changes_writes_nothing(pool: PgPool) {
    let acme = acme(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    let before = (row(&pool, &acme).await, admin_events(&pool).await);
    let shown = api.get(&path(&acme)).await;
    for body in [
        change(&acme, json!({ "name": " Acme " })),
        change(&acme, json!({ "description": "Anvils\n" })),
        change(&acme, json!({ "external_workspace_id": "acme", "avatar_color": "#aabbcc" })),
        change(&acme, json!({})),
        json!({ "data": { "type": "workspace", "id": acme } }),
    ] {
        let answer = api.patch(&path(&acme), body.clone()).await;
        assert_eq!((answer.status, &answer.body), (200, &shown.body), "{body}");
        assert_eq!(answer.header("etag"), shown.header("etag"));
    }
    assert_eq!((row(&pool, &acme).await, admin_events(&pool).await), before);
}

#[database_test]
async fn invalid_values_are_refused_with_a_pointer(pool: PgPool) {
    let acme = acme(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    let before = (row(&pool, &acme).await, admin_events(&pool).await);
    for (place, value, status, code) in [
        ("/attributes/name", json!(null), 422, "VALIDATION_ERROR"),
        ("/attributes/name", json!(" "), 422, "VALIDATION_ERROR"),
        ("/attributes/name", json!("x".repeat(256)), 422, "VALIDATION_ERROR"),
        ("/attributes/description", json!("x".repeat(501)), 422, "VALIDATION_ERROR"),
        ("/attributes/description", json!(false), 422, "VALIDATION_ERROR"),
        ("/attributes/external_workspace_id", json!(""), 422, "VALIDATION_ERROR"),
        ("/attributes/external_workspace_id", json!("a\nb"), 422, "VALIDATION_ERROR"),
        ("/attributes/avatar_color", json!(7), 422, "VALIDATION_ERROR"),
        ("/attributes/color", json!("red"), 422, "VALIDATION_ERROR"),
        ("/attributes/created_at", json!(CREATED), 403, "SYSTEM_FIELD_READ_ONLY"),
        ("/attributes/updated_at", json!(NOW), 403, "SYSTEM_FIELD_READ_ONLY"),
        ("/attributes/deleted_at", json!(NOW), 403, "SYSTEM_FIELD_READ_ONLY"),
        ("/relationships/workspace_groups", json!({ "data": [] }), 403, "RELATIONSHIP_READ_ONLY"),
        ("/relationships/owner", json!({ "data": null }), 422, "VALIDATION_ERROR"),
        ("/type", json!("workspace_group"), 409, "TYPE_MISMATCH"),
        ("/id", json!(NOBODY), 409, "ID_MISMATCH"),
        ("/id", json!(null), 422, "VALIDATION_ERROR"),
    ] {
        // The valid changes of the document are not applied, either.
        let mut body = change(&acme, json!({ "avatar_color": "#3366cc" }));
        body["data"]["relationships"] = json!({});
        let (parent, name) = place.rsplit_once('/').unwrap();
        body["data"].pointer_mut(parent).unwrap()[name] = value;
        let answer = api.patch(&path(&acme), body.clone()).await;
        let expected = error(&status.to_string(), code, &format!("/data{place}"));
        assert_eq!((answer.status, answer.errors()), (status, vec![expected]), "{body}");
    }
    assert_eq!((row(&pool, &acme).await, admin_events(&pool).await), before);
}

#[database_test]
async fn external_id_of_another_workspace_is_a_conflict(pool: PgPool) {
    let acme = acme(&pool).await;
    let gone = workspace(&pool, "Gone").await;
    let beta = workspace(&pool, "Beta").await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    assert_eq!(api.delete(&path(&gone)).await.status, 204);
    let before = (row(&pool, &acme).await, admin_events(&pool).await);
    for (taken, holder) in [("beta", &beta), ("gone", &gone)] {
        let body = change(&acme, json!({ "name": "Other", "external_workspace_id": taken }));
        let answer = api.patch(&path(&acme), body).await;
        let place = "/data/attributes/external_workspace_id";
        let expected = error("409", "EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS", place);
        assert_eq!((answer.status, answer.errors()), (409, vec![expected]), "{taken}");
        assert_eq!(answer.body["errors"][0]["links"], json!({ "about": path(holder) }), "{taken}");
    }
    assert_eq!((row(&pool, &acme).await, admin_events(&pool).await), before);
}

#[database_test]
async fn removed_workspace_cannot_be_changed(pool: PgPool) {
    let acme = acme(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    assert_eq!(api.delete(&path(&acme)).await.status, 204);
    let before = (row(&pool, &acme).await, admin_events(&pool).await);
    for name in ["Beta", "Acme"] {
        let answer = api.patch(&path(&acme), change(&acme, json!({ "name": name }))).await;
        let expected = ("409".to_owned(), "RESOURCE_REMOVED".to_owned(), Value::Null);
        assert_eq!((answer.status, answer.errors()), (409, vec![expected]));
        let detail = format!("The workspace {acme} is removed and can no longer be changed.");
        assert_eq!(answer.body["errors"][0]["detail"], detail);
    }
    assert_eq!((row(&pool, &acme).await, admin_events(&pool).await), before);
}

#[database_test]
async fn removed_workspace_is_found_by_its_external_id_to_release(pool: PgPool) {
    let acme = acme(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    assert_eq!(api.delete(&path(&acme)).await.status, 204);
    let found = "/v1/workspaces?filter[external_workspace_id]=acme&filter[status]=removed";
    assert_eq!(api.get(found).await.ids(), [acme.as_str()]);

    let before = (row(&pool, &acme).await, admin_events(&pool).await);
    for attributes in [
        json!({ "external_workspace_id": "other" }),
        json!({ "external_workspace_id": null, "name": "Beta" }),
        json!({ "external_workspace_id": null, "name": "Acme" }),
        json!({ "external_workspace_id": null, "description": null }),
        json!({ "external_workspace_id": null, "avatar_color": "#aabbcc" }),
        json!({ "description": null }),
        json!({}),
    ] {
        let answer = api.patch(&path(&acme), change(&acme, attributes.clone())).await;
        let expected = ("409".to_owned(), "RESOURCE_REMOVED".to_owned(), Value::Null);
        assert_eq!((answer.status, answer.errors()), (409, vec![expected]), "{attributes}");
    }
    assert_eq!((row(&pool, &acme).await, admin_events(&pool).await), before);

    let shown = api.get(&path(&acme)).await;
    let back = change(&acme, json!({ "external_workspace_id": null }));
    let request = api.request(reqwest::Method::PATCH, &path(&acme)).header("if-match", shown.header("etag"));
    let request = request.header("content-type", JSON_API).body(back.to_string());
    let answer = Answer::read(request).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut expected = shown.body["data"]["attributes"].clone();
    expected["external_workspace_id"] = json!(null);
    assert_eq!(answer.body["data"]["attributes"], expected);
    let logged = admin_events(&pool).await;
    assert_eq!(logged.len(), before.1.len() + 1);
    assert_eq!(logged.last().unwrap().0, "workspace_updated");
    // The second release changes nothing.
    assert_eq!(api.patch(&path(&acme), back).await.status, 200);
    assert_eq!(admin_events(&pool).await, logged);

    let new = json!({ "data": { "type": "workspace", "attributes": { "name": "Acme", "external_workspace_id": "acme" } } });
    assert_eq!(api.post("/v1/workspaces", new).await.status, 201);
    assert_eq!(api.get(found).await.ids(), Vec::<String>::new());
}

#[database_test]
async fn external_id_is_released_within_operations(pool: PgPool) {
    let acme = acme(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    assert_eq!(api.delete(&path(&acme)).await.status, 204);
    let body = json!({ "atomic:operations": [
        { "op": "update", "data": change(&acme, json!({ "external_workspace_id": null }))["data"] },
        { "op": "add", "data": {
            "type": "workspace", "attributes": { "name": "Acme", "external_workspace_id": "acme" }
        } },
    ] });
    let atomic = r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic""#;
    let request = api.request(reqwest::Method::POST, "/v1/operations").header("content-type", atomic);
    let answer = Answer::read(request.body(body.to_string())).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[database_test]
async fn update_needs_an_existing_workspace_and_write_scope(pool: PgPool) {
    let acme = acme(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let (api, reader) = (app.api_client(&["write"]).await, app.api_client(&["read"]).await);
    for id in [NOBODY, "42"] {
        let answer = api.patch(&path(id), change(id, json!({ "name": "Beta" }))).await;
        let expected = ("404".to_owned(), "WORKSPACE_NOT_FOUND".to_owned(), Value::Null);
        assert_eq!((answer.status, answer.errors()), (404, vec![expected]), "{id}");
    }
    let before = row(&pool, &acme).await;
    let answer = reader.patch(&path(&acme), change(&acme, json!({ "name": "Beta" }))).await;
    assert_eq!((answer.status, answer.errors()[0].1.as_str()), (403, "FORBIDDEN"));
    assert_eq!(row(&pool, &acme).await, before);
}
