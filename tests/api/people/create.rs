//! `POST /v1/people`

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, ApiClient, TestApp, admin_events, error, person};

const MOMENT: &str = "2026-05-28T09:15:00.000Z";
const PATH: &str = "/v1/people";

fn document(attributes: Value) -> Value {
    json!({ "data": { "type": "people", "attributes": attributes } })
}

async fn create(api: &ApiClient, attributes: Value) -> Answer {
    api.post(PATH, document(attributes)).await
}

async fn people_count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM core_api.peoples").fetch_one(pool).await.unwrap()
}

#[database_test]
async fn person_is_created_and_logged_with_the_actor(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::at(pool.clone(), MOMENT).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let before = admin_events(&pool).await.len();

    let attributes = json!({ "first_name": " Bo ", "last_name": " van Ek ", "email": " Bo.Ek@Example.com " });
    let answer = create(&by_ana, attributes).await;

    assert_eq!(answer.status, 201);
    let this = format!("{PATH}/{}", answer.id());
    assert_eq!(
        answer.body,
        json!({
            "data": {
                "type": "people",
                "id": answer.id(),
                "attributes": {
                    "first_name": "Bo",
                    "last_name": "van Ek",
                    "email": "Bo.Ek@Example.com",
                    "created_at": MOMENT,
                    "updated_at": MOMENT
                },
                "links": { "self": this }
            },
            "links": { "self": this }
        })
    );
    assert_eq!(answer.header("location"), this);
    assert_eq!(by_ana.get(&this).await.body, answer.body);
    assert_eq!(by_ana.get(&format!("{PATH}?filter[email]=BO.EK@example.com")).await.ids(), [answer.id()]);
    assert_eq!(
        admin_events(&pool).await[before..],
        [("people_created".to_owned(), Some("Ana Lima".to_owned()), Some("Bo van Ek".to_owned()))]
    );
}

#[database_test]
async fn log_has_request_id_and_token(pool: PgPool) {
    let app = TestApp::at(pool.clone(), MOMENT).await;
    let api = app.api_client(&["write"]).await;
    let answer = create(&api, json!({ "first_name": "Bo", "last_name": "Ek" })).await;
    let logged: (Option<String>, Option<String>, Option<String>, String, String, bool) = sqlx::query_as(
        "SELECT actor_name, token_name, request_id, subject_type, subject_id::text,
                occurred_at = $1::timestamptz
         FROM groupdesk.admin_events WHERE source = 'api'",
    )
    .bind(MOMENT)
    .fetch_one(&pool)
    .await
    .unwrap();
    let request = answer.header("x-request-id").to_owned();
    assert_eq!(
        logged,
        (None, Some("robot".to_owned()), Some(request), "people".to_owned(), answer.id(), true)
    );
}

#[database_test]
async fn email_is_optional(pool: PgPool) {
    let app = TestApp::at(pool.clone(), MOMENT).await;
    let api = app.api_client(&["write"]).await;
    for attributes in [
        json!({ "first_name": "Bo", "last_name": "Ek" }),
        json!({ "first_name": "Bo", "last_name": "Ek", "email": null }),
    ] {
        let answer = create(&api, attributes).await;
        assert_eq!(answer.status, 201);
        assert_eq!(
            answer.body["data"]["attributes"],
            json!({
                "first_name": "Bo", "last_name": "Ek", "email": null,
                "created_at": MOMENT, "updated_at": MOMENT
            })
        );
    }
    assert_eq!(people_count(&pool).await, 2);
}

#[database_test]
async fn invalid_values_are_refused_with_a_pointer(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let before = admin_events(&pool).await;
    let name = [json!("x".repeat(256)), json!("a\nb"), json!("a\u{0}b"), json!(7), json!(null), json!({})];
    let email = [
        json!(""),
        json!("bo"),
        json!("@example.com"),
        json!("bo@"),
        json!("bo@ek@example.com"),
        json!("bo ek@example.com"),
        json!("bo\u{0}@example.com"),
        json!(format!("{}@example.com", "x".repeat(309))),
        json!(7),
        json!(["bo@example.com"]),
    ];
    for (field, values) in [("first_name", &name[..]), ("last_name", &name[..]), ("email", &email[..])] {
        for value in values {
            let mut attributes = json!({ "first_name": "Bo", "last_name": "Ek" });
            attributes[field] = value.clone();
            let answer = create(&api, attributes).await;
            let expected = error("422", "VALIDATION_ERROR", &format!("/data/attributes/{field}"));
            assert_eq!((answer.status, answer.errors()), (422, vec![expected]), "{field}: {value}");
        }
    }
    assert_eq!((people_count(&pool).await, admin_events(&pool).await), (0, before));
    let longest = json!({
        "first_name": "é".repeat(255), "last_name": "é".repeat(255),
        "email": format!("{}@example.com", "x".repeat(308))
    });
    assert_eq!(create(&api, longest).await.status, 201);
}

#[database_test]
async fn all_errors_are_reported_at_once(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let invalid = |pointer: &str| error("422", "VALIDATION_ERROR", pointer);
    let answer =
        create(&api, json!({ "first_name": 7, "last_name": "a\nb", "email": "bo", "color": "red" })).await;
    assert_eq!(
        (answer.status, answer.errors()),
        (
            422,
            vec![
                invalid("/data/attributes/color"),
                invalid("/data/attributes/first_name"),
                invalid("/data/attributes/last_name"),
                invalid("/data/attributes/email"),
            ]
        )
    );
    let details = answer.body["errors"].as_array().unwrap().iter().map(|error| &error["detail"]);
    assert_eq!(
        json!(details.collect::<Vec<_>>()),
        json!([
            "people has no attribute color.",
            "first_name must be a string.",
            "last_name must not contain control characters.",
            "email must be an e-mail address."
        ])
    );
    assert_eq!(people_count(&pool).await, 0);
}

#[database_test]
async fn missing_members_point_to_the_nearest_parent(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    for (body, parent) in [
        (json!({ "data": { "type": "people" } }), "/data"),
        (json!({ "data": { "type": "people", "attributes": {} } }), "/data/attributes"),
        (json!({ "data": { "type": "people", "attributes": { "email": null } } }), "/data/attributes"),
    ] {
        let answer = api.post(PATH, body.clone()).await;
        let one = error("422", "VALIDATION_ERROR", parent);
        assert_eq!((answer.status, answer.errors()), (422, vec![one]), "{body}");
    }
}

#[database_test]
async fn email_is_unique_in_any_case(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let before = admin_events(&pool).await;
    for taken in ["ana@example.com", "ANA@example.com", "Ana@Example.COM"] {
        let answer = create(&api, json!({ "first_name": "A", "last_name": "L", "email": taken })).await;
        let trace = answer.header("x-request-id");
        assert_eq!(answer.status, 409);
        assert_eq!(
            answer.body,
            json!({ "errors": [{
                "id": format!("{trace}-1"),
                "status": "409",
                "code": "EMAIL_ALREADY_EXISTS",
                "title": "E-mail address already exists",
                "detail": format!("Another person has the e-mail address {taken}."),
                "source": { "pointer": "/data/attributes/email" },
                "links": { "about": format!("/v1/people/{ana}") },
                "meta": { "trace_id": trace }
            }]})
        );
    }
    assert_eq!((people_count(&pool).await, admin_events(&pool).await), (1, before));
}

#[database_test]
async fn server_controlled_members_are_refused(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let (api, reader) = (app.api_client(&["write", "pipeline"]).await, app.api_client(&["read"]).await);
    let names = json!({ "first_name": "Bo", "last_name": "Ek" });
    for (place, value, status, code) in [
        ("/id", json!("00000000-0000-4000-8000-000000000000"), 403, "CLIENT_ID_UNSUPPORTED"),
        ("/type", json!("person"), 409, "TYPE_MISMATCH"),
        ("/attributes/created_at", json!(MOMENT), 403, "SYSTEM_FIELD_READ_ONLY"),
        ("/attributes/updated_at", json!(null), 403, "SYSTEM_FIELD_READ_ONLY"),
        // People are deleted for good, so they have no `deleted_at`.
        ("/attributes/deleted_at", json!(null), 422, "VALIDATION_ERROR"),
        ("/attributes/name", json!("Bo Ek"), 422, "VALIDATION_ERROR"),
        ("/relationships/workspace_groups", json!({ "data": [] }), 422, "VALIDATION_ERROR"),
    ] {
        let mut body = document(names.clone());
        body["data"]["relationships"] = json!({});
        let (parent, name) = place.rsplit_once('/').unwrap();
        body["data"].pointer_mut(parent).unwrap()[name] = value;
        let answer = api.post(PATH, body.clone()).await;
        let expected = error(&status.to_string(), code, &format!("/data{place}"));
        assert_eq!((answer.status, answer.errors()), (status, vec![expected]), "{body}");
    }
    let answer = create(&reader, names).await;
    assert_eq!((answer.status, answer.errors()[0].1.as_str()), (403, "FORBIDDEN"));
    assert_eq!(people_count(&pool).await, 0);
}
