//! `PATCH /v1/people/{id}`

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{TestApp, admin_events, error, person, time};

const CREATED: &str = "2026-05-01T00:00:00.000Z";
const NOW: &str = "2026-05-28T09:15:00.000Z";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

fn path(id: &str) -> String {
    format!("/v1/people/{id}")
}

fn change(id: &str, attributes: Value) -> Value {
    json!({ "data": { "type": "people", "id": id, "attributes": attributes } })
}

/// Bo Ek, created on 1 May.
async fn bo(pool: &PgPool) -> String {
    let id = person(pool, "Bo", "Ek", "bo@example.com").await;
    sqlx::query("UPDATE core_api.peoples SET created_at = $2, updated_at = $2 WHERE people_id = $1::uuid")
        .bind(&id)
        .bind(time(CREATED))
        .execute(pool)
        .await
        .unwrap();
    id
}

async fn row(pool: &PgPool, id: &str) -> String {
    sqlx::query_scalar("SELECT p::text FROM core_api.peoples p WHERE people_id = $1::uuid")
        .bind(id)
        .fetch_one(pool)
        .await
        .unwrap()
}

#[database_test]
async fn person_is_changed_and_logged_with_the_actor(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let bo = bo(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let before = admin_events(&pool).await.len();

    let attributes = json!({ "first_name": " Bodil ", "last_name": "Lund", "email": "bodil@example.com" });
    let answer = by_ana.patch(&path(&bo), change(&bo, attributes)).await;

    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.body,
        json!({
            "data": {
                "type": "people",
                "id": bo,
                "attributes": {
                    "first_name": "Bodil",
                    "last_name": "Lund",
                    "email": "bodil@example.com",
                    "created_at": CREATED,
                    "updated_at": NOW
                },
                "links": { "self": path(&bo) }
            },
            "links": { "self": path(&bo) }
        })
    );
    assert_eq!(by_ana.get(&path(&bo)).await.body, answer.body);
    assert_eq!(
        admin_events(&pool).await[before..],
        [("people_updated".to_owned(), Some("Ana Lima".to_owned()), Some("Bodil Lund".to_owned()))]
    );
}

#[database_test]
async fn absent_attributes_stay_and_email_can_be_cleared(pool: PgPool) {
    let bo = bo(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    let mut expected = json!({
        "first_name": "Bo", "last_name": "Ek", "email": "bo@example.com",
        "created_at": CREATED, "updated_at": NOW
    });
    for (name, value) in [
        ("first_name", json!("Bodil")),
        ("last_name", json!("Lund")),
        // The person's own address in another case is no conflict.
        ("email", json!("BO@example.com")),
        ("email", json!(null)),
        ("email", json!("bo@example.com")),
    ] {
        let mut attributes = json!({});
        attributes[name] = value.clone();
        expected[name] = value;
        let answer = api.patch(&path(&bo), change(&bo, attributes)).await;
        assert_eq!((answer.status, &answer.body["data"]["attributes"]), (200, &expected), "{name}");
        assert_eq!(api.get(&path(&bo)).await.body, answer.body);
    }
}

#[database_test]
async fn patch_without_changes_writes_nothing(pool: PgPool) {
    let bo = bo(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    let before = (row(&pool, &bo).await, admin_events(&pool).await);
    let shown = api.get(&path(&bo)).await;
    for body in [
        change(&bo, json!({ "first_name": " Bo " })),
        change(&bo, json!({ "last_name": "Ek", "email": "bo@example.com" })),
        change(&bo, json!({})),
        json!({ "data": { "type": "people", "id": bo } }),
    ] {
        let answer = api.patch(&path(&bo), body.clone()).await;
        assert_eq!((answer.status, &answer.body), (200, &shown.body), "{body}");
        assert_eq!(answer.header("etag"), shown.header("etag"));
    }
    assert_eq!((row(&pool, &bo).await, admin_events(&pool).await), before);
}

#[database_test]
async fn invalid_values_are_refused_with_a_pointer(pool: PgPool) {
    let bo = bo(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    let before = (row(&pool, &bo).await, admin_events(&pool).await);
    for (place, value, status, code) in [
        ("/attributes/first_name", json!(null), 422, "VALIDATION_ERROR"),
        ("/attributes/first_name", json!("a\nb"), 422, "VALIDATION_ERROR"),
        ("/attributes/last_name", json!(null), 422, "VALIDATION_ERROR"),
        ("/attributes/last_name", json!("x".repeat(256)), 422, "VALIDATION_ERROR"),
        ("/attributes/email", json!(""), 422, "VALIDATION_ERROR"),
        ("/attributes/email", json!("bo"), 422, "VALIDATION_ERROR"),
        ("/attributes/email", json!(7), 422, "VALIDATION_ERROR"),
        ("/attributes/name", json!("Bo Ek"), 422, "VALIDATION_ERROR"),
        ("/attributes/created_at", json!(CREATED), 403, "SYSTEM_FIELD_READ_ONLY"),
        ("/attributes/updated_at", json!(null), 403, "SYSTEM_FIELD_READ_ONLY"),
        ("/relationships/workspaces", json!({ "data": [] }), 422, "VALIDATION_ERROR"),
        ("/type", json!("person"), 409, "TYPE_MISMATCH"),
        ("/id", json!(NOBODY), 409, "ID_MISMATCH"),
        ("/id", json!(7), 422, "VALIDATION_ERROR"),
    ] {
        // The valid changes of the document are not applied, either.
        let mut body = change(&bo, json!({ "first_name": "Bodil", "last_name": "Lund" }));
        body["data"]["relationships"] = json!({});
        let (parent, name) = place.rsplit_once('/').unwrap();
        body["data"].pointer_mut(parent).unwrap()[name] = value;
        let answer = api.patch(&path(&bo), body.clone()).await;
        let expected = error(&status.to_string(), code, &format!("/data{place}"));
        assert_eq!((answer.status, answer.errors()), (status, vec![expected]), "{body}");
    }
    assert_eq!((row(&pool, &bo).await, admin_events(&pool).await), before);
}

#[database_test]
async fn email_of_another_person_is_a_conflict(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let bo = bo(&pool).await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let api = app.api_client(&["write"]).await;
    // The person's own address in another case is accepted.
    let same = change(&bo, json!({ "email": "BO@example.com" }));
    assert_eq!(api.patch(&path(&bo), same).await.status, 200);
    let before = (row(&pool, &bo).await, admin_events(&pool).await);
    for taken in ["ana@example.com", "ANA@EXAMPLE.COM"] {
        let body = change(&bo, json!({ "first_name": "Bodil", "email": taken }));
        let answer = api.patch(&path(&bo), body).await;
        let expected = error("409", "EMAIL_ALREADY_EXISTS", "/data/attributes/email");
        assert_eq!((answer.status, answer.errors()), (409, vec![expected]), "{taken}");
        assert_eq!(answer.body["errors"][0]["links"], json!({ "about": path(&ana) }), "{taken}");
    }
    assert_eq!((row(&pool, &bo).await, admin_events(&pool).await), before);
}

#[database_test]
async fn update_needs_an_existing_person_and_write_scope(pool: PgPool) {
    let bo = bo(&pool).await;
    let gone = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::at(pool.clone(), NOW).await;
    let (api, reader) = (app.api_client(&["write"]).await, app.api_client(&["read"]).await);
    assert_eq!(api.delete(&path(&gone)).await.status, 204);
    for id in [NOBODY, "42", &gone] {
        let answer = api.patch(&path(id), change(id, json!({ "first_name": "Bodil" }))).await;
        let expected = ("404".to_owned(), "PEOPLE_NOT_FOUND".to_owned(), Value::Null);
        assert_eq!((answer.status, answer.errors()), (404, vec![expected]), "{id}");
    }
    let before = row(&pool, &bo).await;
    let answer = reader.patch(&path(&bo), change(&bo, json!({ "first_name": "Bodil" }))).await;
    assert_eq!((answer.status, answer.errors()[0].1.as_str()), (403, "FORBIDDEN"));
    assert_eq!(row(&pool, &bo).await, before);
}
