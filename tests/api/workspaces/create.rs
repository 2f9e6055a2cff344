//! `POST /v1/workspaces`

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, ApiClient, TestApp, admin_events, error, group, person, workspace};

const MOMENT: &str = "2026-05-28T09:15:00.000Z";
const PATH: &str = "/v1/workspaces";

fn document(attributes: Value) -> Value {
    json!({ "data": { "type": "workspace", "attributes": attributes } })
}

async fn create(api: &ApiClient, attributes: Value) -> Answer {
    api.post(PATH, document(attributes)).await
}

async fn workspace_count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM core_api.workspaces").fetch_one(pool).await.unwrap()
}

#[database_test]
async fn workspace_is_created_and_logged_with_the_actor(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::at(pool.clone(), MOMENT).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let before = admin_events(&pool).await.len();

    let attributes = json!({
        "name": "  Acme SAS ",
        "description": " Industrial coatings,\nLyon ",
        "external_workspace_id": " ws-000017 ",
        "avatar_color": " #3366cc "
    });
    let answer = create(&by_ana, attributes).await;

    assert_eq!(answer.status, 201);
    let this = format!("{PATH}/{}", answer.id());
    assert_eq!(
        answer.body,
        json!({
            "data": {
                "type": "workspace",
                "id": answer.id(),
                "attributes": {
                    "name": "Acme SAS",
                    "description": "Industrial coatings,\nLyon",
                    "external_workspace_id": "ws-000017",
                    "avatar_color": "#3366cc",
                    "created_at": MOMENT,
                    "updated_at": MOMENT,
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
    assert_eq!(answer.header("location"), this);
    assert_eq!(by_ana.get(&this).await.body, answer.body);
    assert_eq!(
        admin_events(&pool).await[before..],
        [("workspace_created".to_owned(), Some("Ana Lima".to_owned()), Some("Acme SAS".to_owned()))]
    );
    let logged: (String, Option<String>, Option<String>, String, String) = sqlx::query_as(
        "SELECT source, token_name, request_id, subject_type, subject_id::text FROM groupdesk.admin_events
         WHERE action = 'workspace_created'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    let request = answer.header("x-request-id").to_owned();
    let expected =
        ("api".to_owned(), Some("robot".to_owned()), Some(request), "workspace".to_owned(), answer.id());
    assert_eq!(logged, expected);
}

#[database_test]
async fn absent_and_null_attributes_are_null(pool: PgPool) {
    let app = TestApp::at(pool, MOMENT).await;
    let api = app.api_client(&["write"]).await;
    let nothing = json!({
        "name": "Acme", "description": null, "external_workspace_id": null, "avatar_color": null,
        "created_at": MOMENT, "updated_at": MOMENT, "deleted_at": null
    });
    // Another workspace may have the same name, and no external id either.
    for attributes in [
        json!({ "name": "Acme" }),
        json!({ "name": "Acme", "description": null, "external_workspace_id": null, "avatar_color": null }),
    ] {
        let answer = create(&api, attributes).await;
        assert_eq!((answer.status, &answer.body["data"]["attributes"]), (201, &nothing));
    }
    assert_eq!(api.get(PATH).await.ids().len(), 2);
}

#[database_test]
async fn invalid_values_are_refused_with_a_pointer(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let before = admin_events(&pool).await;
    let line = [json!(""), json!(" \t "), json!("x".repeat(256)), json!("a\nb"), json!("a\u{0}b"), json!(7)];
    let text = [json!("x".repeat(501)), json!("a\u{0}b"), json!("a\u{7}b"), json!(7), json!(["x"])];
    for (name, values) in [
        ("name", &line[..]),
        ("name", &[json!(null), json!({})][..]),
        ("description", &text[..]),
        ("external_workspace_id", &line[..]),
        ("avatar_color", &line[..]),
    ] {
        for value in values {
            let mut attributes = json!({ "name": "Acme" });
            attributes[name] = value.clone();
            let answer = create(&api, attributes).await;
            let expected = error("422", "VALIDATION_ERROR", &format!("/data/attributes/{name}"));
            assert_eq!((answer.status, answer.errors()), (422, vec![expected]), "{name}: {value}");
        }
    }
    assert_eq!((workspace_count(&pool).await, admin_events(&pool).await), (0, before));

    let longest = json!({
        "name": "é".repeat(255), "description": "é".repeat(500),
        "external_workspace_id": "é".repeat(255), "avatar_color": "é".repeat(255)
    });
    assert_eq!(create(&api, longest).await.status, 201);
    // A description may be empty.
    let answer = create(&api, json!({ "name": "Acme", "description": " " })).await;
    assert_eq!((answer.status, &answer.body["data"]["attributes"]["description"]), (201, &json!("")));
}

#[database_test]
async fn all_errors_are_reported_at_once(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let mut attributes = json!({ "description": 7, "external_workspace_id": "", "color": "red" });
    attributes["avatar_color"] = json!("x".repeat(256));
    let answer = create(&api, attributes).await;
    let invalid = |pointer: &str| error("422", "VALIDATION_ERROR", pointer);
    assert_eq!(
        (answer.status, answer.errors()),
        (
            422,
            vec![
                invalid("/data/attributes/color"),
                invalid("/data/attributes"),
                invalid("/data/attributes/description"),
                invalid("/data/attributes/external_workspace_id"),
                invalid("/data/attributes/avatar_color"),
            ]
        )
    );
    let details: Vec<&Value> =
        answer.body["errors"].as_array().unwrap().iter().map(|error| &error["detail"]).collect();
    assert_eq!(
        json!(details),
        json!([
            "workspace has no attribute color.",
            "name is required.",
            "description must be a string or null.",
            "external_workspace_id must not be blank.",
            "avatar_color must have at most 255 characters."
        ])
    );
    let answer = api.post(PATH, json!({ "data": { "type": "workspace" } })).await;
    assert_eq!((answer.status, answer.errors()), (422, vec![invalid("/data")]));
    assert_eq!(workspace_count(&pool).await, 0);
}

#[database_test]
async fn external_id_is_unique_among_removed_workspaces_too(pool: PgPool) {
    let (acme, gone) = (workspace(&pool, "Acme").await, workspace(&pool, "Gone").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    assert_eq!(api.delete(&format!("{PATH}/{gone}")).await.status, 204);
    let before = admin_events(&pool).await;
    for (taken, holder) in [("acme", &acme), (" acme ", &acme), ("gone", &gone)] {
        let answer = create(&api, json!({ "name": "Other", "external_workspace_id": taken })).await;
        let trace = answer.header("x-request-id");
        let id = taken.trim();
        assert_eq!(answer.status, 409);
        assert_eq!(
            answer.body,
            json!({ "errors": [{
                "id": format!("{trace}-1"),
                "status": "409",
                "code": "EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS",
                "title": "External workspace id already exists",
                "detail": format!("Another workspace, which may be removed, has the external id {id}."),
                "source": { "pointer": "/data/attributes/external_workspace_id" },
                "links": { "about": format!("{PATH}/{holder}") },
                "meta": { "trace_id": trace }
            }]})
        );
        let found = api.get(answer.body["errors"][0]["links"]["about"].as_str().unwrap()).await;
        assert_eq!(found.body["data"]["attributes"]["external_workspace_id"], id);
    }
    assert_eq!((workspace_count(&pool).await, admin_events(&pool).await), (2, before));
    // The external id is case sensitive, because it belongs to another system.
    let answer = create(&api, json!({ "name": "Other", "external_workspace_id": "ACME" })).await;
    assert_eq!(answer.status, 201);
    let found = api.get(&format!("{PATH}?filter[external_workspace_id]=acme")).await;
    assert_eq!(found.ids(), [acme]);
}

#[database_test]
async fn server_controlled_members_are_refused(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool.clone()).await;
    let (api, reader) = (app.api_client(&["write", "pipeline"]).await, app.api_client(&["read"]).await);
    for (place, value, status, code) in [
        ("/id", json!("00000000-0000-4000-8000-000000000000"), 403, "CLIENT_ID_UNSUPPORTED"),
        ("/type", json!("workspaces"), 409, "TYPE_MISMATCH"),
        ("/lid", json!(7), 422, "VALIDATION_ERROR"),
        ("/attributes", json!(["name"]), 422, "VALIDATION_ERROR"),
        ("/attributes/created_at", json!(MOMENT), 403, "SYSTEM_FIELD_READ_ONLY"),
        ("/attributes/updated_at", json!(MOMENT), 403, "SYSTEM_FIELD_READ_ONLY"),
        ("/attributes/deleted_at", json!(null), 403, "SYSTEM_FIELD_READ_ONLY"),
        ("/attributes/workspace_id", json!("x"), 422, "VALIDATION_ERROR"),
        (
            "/relationships/workspace_groups",
            json!({ "data": [{ "type": "workspace_group", "id": emea }] }),
            403,
            "RELATIONSHIP_READ_ONLY",
        ),
        ("/relationships/owner", json!({ "data": null }), 422, "VALIDATION_ERROR"),
    ] {
        let mut body = document(json!({ "name": "Acme" }));
        body["data"]["relationships"] = json!({});
        let (parent, name) = place.rsplit_once('/').unwrap();
        body["data"].pointer_mut(parent).unwrap()[name] = value;
        let answer = api.post(PATH, body.clone()).await;
        let expected = error(&status.to_string(), code, &format!("/data{place}"));
        assert_eq!((answer.status, &answer.errors()[0]), (status, &expected), "{body}");
    }
    let answer = create(&reader, json!({ "name": "Acme" })).await;
    assert_eq!((answer.status, answer.errors()[0].1.as_str()), (403, "FORBIDDEN"));
    assert_eq!(workspace_count(&pool).await, 0);
}
