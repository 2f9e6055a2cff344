//! `Idempotency-Key`: the same request under the same key is performed once, however often it is sent, and
//! gets the same response each time.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta};
use futures::future::join_all;
use groupdesk::kernel::clock::Clock;
use groupdesk::resources::idempotency_keys::ops::keys_delete_expired;
use pretty_assertions::assert_eq;
use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::support::{
    Answer, ApiClient, JSON_API, TestApp, enroll, enrollment, event_count, group, live_count, row_count,
    time, workspace,
};

const ENROLLMENTS: &str = "/v1/workspace-group-workspaces";
const GROUPS: &str = "/v1/workspace-groups";
const WORKSPACES: &str = "/v1/workspaces";
const ATOMIC: &str = r#"application/vnd.api+json;ext="https://jsonapi.org/ext/atomic""#;

async fn post_with_key(api: &ApiClient, path: &str, key: &str, body: &Value) -> Answer {
    let request = api.request(Method::POST, path).header("idempotency-key", key);
    Answer::read(request.header("content-type", JSON_API).body(body.to_string())).await
}

fn named(kind: &str, name: &str) -> Value {
    json!({ "data": { "type": kind, "attributes": { "name": name } } })
}

/// Asserts that `again` is a replay of the first response.
fn assert_replayed(first: &Answer, again: &Answer) {
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
    assert_eq!((first.status, &first.body), (again.status, &again.body));
    for name in ["content-type", "location", "etag", "allow"] {
        assert_eq!(first.header(name), again.header(name), "{name}");
    }
    assert_ne!(first.header("x-request-id"), again.header("x-request-id"));
}

fn assert_performed(answer: &Answer, status: u16) {
    assert_eq!((answer.status, answer.header("idempotency-replayed")), (status, ""), "{answer:?}");
}

/// An error about the key.
fn key_error(status: &str, code: &str) -> (String, String, Value) {
    (status.to_owned(), code.to_owned(), json!({ "header": "Idempotency-Key" }))
}

async fn workspace_count(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM core_api.workspaces").fetch_one(pool).await.unwrap()
}

#[database_test]
async fn same_key_performs_the_request_once_and_replays(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let body = enrollment(&emea, &acme);

    let first = post_with_key(&api, ENROLLMENTS, "enroll-1", &body).await;
    assert_performed(&first, 201);
    assert!(!first.header("location").is_empty() && !first.header("etag").is_empty(), "{first:?}");
    // Another instance with the same database knows it, too.
    let elsewhere = TestApp::start(pool.clone()).await;
    for api in [&api, &elsewhere.with_token(api.token())] {
        assert_replayed(&first, &post_with_key(api, ENROLLMENTS, "enroll-1", &body).await);
    }
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (1, 1));
}

#[database_test]
async fn replay_is_byte_identical(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let mut answers = Vec::new();
    for _ in 0..2 {
        let request = api.request(Method::POST, WORKSPACES).header("idempotency-key", "make-1");
        let request = request.header("content-type", JSON_API).body(named("workspace", "Acme").to_string());
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 201);
        answers.push(answer.text().await.unwrap());
    }
    assert!(answers[0].starts_with(r#"{"data":{"type":"workspace","id":""#), "{}", answers[0]);
    assert_eq!(answers[0], answers[1]);
    assert_eq!(workspace_count(&pool).await, 1);
}

#[database_test]
async fn keys_belong_to_their_token(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let (one, other) = (app.api_client(&["write"]).await, app.api_client(&["write"]).await);
    let first = post_with_key(&one, WORKSPACES, "make-1", &named("workspace", "Acme")).await;
    assert_performed(&first, 201);
    // The same key of another token is independent.
    let others = post_with_key(&other, WORKSPACES, "make-1", &named("workspace", "Beta")).await;
    assert_performed(&others, 201);
    assert_eq!(others.body["data"]["attributes"]["name"], "Beta");
    assert_replayed(&first, &post_with_key(&one, WORKSPACES, "make-1", &named("workspace", "Acme")).await);
    assert_eq!(workspace_count(&pool).await, 2);
}

#[database_test]
async fn concurrent_requests_with_one_key_perform_once(pool: PgPool) {
    let app = TestApp::with_large_pool(&pool).await;
    let api = app.api_client(&["write"]).await;
    let body = named("workspace", "Acme");

    let answers = join_all((0..20).map(|_| post_with_key(&api, WORKSPACES, "make-1", &body))).await;

    let (created, refused): (Vec<&Answer>, Vec<&Answer>) =
        answers.iter().partition(|answer| answer.status == 201);
    let ids: BTreeSet<String> = created.iter().map(|answer| answer.id()).collect();
    assert_eq!(ids.len(), 1, "{created:?}");
    let performed = created.iter().filter(|answer| answer.header("idempotency-replayed").is_empty());
    assert_eq!(performed.count(), 1);
    for answer in refused {
        assert_eq!((answer.status, answer.errors()[0].1.as_str()), (409, "IDEMPOTENCY_KEY_IN_USE"));
    }
    assert_eq!(workspace_count(&pool).await, 1);
    app.close().await;
}

#[database_test]
async fn concurrent_request_with_the_same_key_is_refused(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let token: Uuid =
        sqlx::query_scalar("SELECT api_token_id FROM groupdesk.api_tokens").fetch_one(&pool).await.unwrap();
    let mut running = pool.begin().await.unwrap();
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
        .bind(format!("{token} make-1"))
        .execute(&mut *running)
        .await
        .unwrap();

    let body = named("workspace", "Acme");
    for _ in 0..2 {
        let answer = post_with_key(&api, WORKSPACES, "make-1", &body).await;
        assert_performed(&answer, 409);
        assert_eq!(answer.errors(), [key_error("409", "IDEMPOTENCY_KEY_IN_USE")]);
    }
    assert_eq!(workspace_count(&pool).await, 0);
    assert_performed(&post_with_key(&api, WORKSPACES, "make-2", &body).await, 201);

    // The refusal was not stored.
    running.rollback().await.unwrap();
    assert_performed(&post_with_key(&api, WORKSPACES, "make-1", &body).await, 201);
    assert_eq!(workspace_count(&pool).await, 2);
}

#[database_test]
async fn key_expires_after_a_day(pool: PgPool) {
    let now = Arc::new(AtomicI64::new(time("2026-05-28T09:15:00Z").timestamp_millis()));
    let hand = Arc::clone(&now);
    let clock = Clock::new(move || DateTime::from_timestamp_millis(hand.load(Ordering::SeqCst)).unwrap());
    let app = TestApp::with_clock(pool.clone(), clock).await;
    let api = app.api_client(&["write"]).await;
    let (acme, beta) = (named("workspace", "Acme"), named("workspace", "Beta"));
    let first = post_with_key(&api, WORKSPACES, "make-1", &acme).await;
    let others = post_with_key(&api, WORKSPACES, "make-2", &acme).await;
    assert_eq!((first.status, others.status), (201, 201));

    now.fetch_add(TimeDelta::hours(24).num_milliseconds() - 1, Ordering::SeqCst);
    assert_replayed(&first, &post_with_key(&api, WORKSPACES, "make-1", &acme).await);
    assert_eq!(workspace_count(&pool).await, 2);

    now.fetch_add(1, Ordering::SeqCst);
    let performed_again = post_with_key(&api, WORKSPACES, "make-1", &acme).await;
    assert_performed(&performed_again, 201);
    assert_ne!(performed_again.id(), first.id());
    assert_replayed(&performed_again, &post_with_key(&api, WORKSPACES, "make-1", &acme).await);
    // The key can also be used for another request.
    assert_performed(&post_with_key(&api, WORKSPACES, "make-2", &beta).await, 201);
    assert_eq!(workspace_count(&pool).await, 4);
}

/// Renames a workspace under a key, with this method.
async fn rename(api: &ApiClient, method: Method, workspace: &str, key: &str, name: &str) -> Answer {
    let mut body = named("workspace", name);
    body["data"]["id"] = json!(workspace);
    let request = api.request(method, &format!("{WORKSPACES}/{workspace}"));
    let request = request.header("idempotency-key", key).header("content-type", JSON_API);
    Answer::read(request.body(body.to_string())).await
}

/// A key that was stored while the clock was ahead must not be valid until that time.
#[database_test]
async fn key_from_the_future_is_ignored(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let body = named("workspace", "Acme");
    let first = post_with_key(&api, WORKSPACES, "make-1", &body).await;
    assert_performed(&first, 201);
    assert_performed(&post_with_key(&api, WORKSPACES, "make-2", &body).await, 201);
    sqlx::raw_sql(
        "UPDATE groupdesk.idempotency_keys
         SET created_at = created_at + interval '50 days', expires_at = expires_at + interval '50 days'
         WHERE key = 'make-2'",
    )
    .execute(&pool)
    .await
    .unwrap();
    let now = groupdesk::platform::clock::system().now();
    keys_delete_expired(&mut pool.acquire().await.unwrap(), now).await.unwrap();
    assert_replayed(&first, &post_with_key(&api, WORKSPACES, "make-1", &body).await);
    assert_performed(&post_with_key(&api, WORKSPACES, "make-2", &named("workspace", "Beta")).await, 201);
}

#[database_test]
async fn other_methods_ignore_the_key(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    for name in ["Beta", "Gamma"] {
        let answer = rename(&api, Method::PATCH, &acme, "change-1", name).await;
        assert_performed(&answer, 200);
        assert_eq!(answer.body["data"]["attributes"]["name"], name);
        // Even a malformed key is ignored.
        let answer = rename(&api, Method::GET, &acme, "not a key", "ignored").await;
        assert_performed(&answer, 200);
        assert_eq!(answer.body["data"]["attributes"]["name"], name);
    }
    for _ in 0..2 {
        assert_performed(&rename(&api, Method::DELETE, &acme, "change-1", "ignored").await, 204);
    }
    assert_performed(&post_with_key(&api, WORKSPACES, "change-1", &named("workspace", "Acme")).await, 201);
}

#[database_test]
async fn same_key_performs_operations_once(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let mut emea = named("workspace_group", "EMEA")["data"].clone();
    emea["lid"] = json!("g");
    let body = json!({ "atomic:operations": [
        { "op": "add", "data": emea },
        {
            "op": "add",
            "ref": { "type": "workspace_group", "lid": "g", "relationship": "workspaces" },
            "data": [{ "type": "workspace", "id": acme }]
        }
    ]});
    let operate = async || {
        let request = api.request(Method::POST, "/v1/operations").header("idempotency-key", "batch-1");
        Answer::read(request.header("content-type", ATOMIC).body(body.to_string())).await
    };
    let first = operate().await;
    assert_performed(&first, 200);
    assert_eq!(first.header("content-type"), ATOMIC);
    assert_replayed(&first, &operate().await);
    assert_eq!(api.get(GROUPS).await.ids().len(), 1);
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (1, 1));
}

#[database_test]
async fn replay_does_not_repeat_enrollments_removed_since(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let (acme, beta) = (workspace(&pool, "Acme").await, workspace(&pool, "Beta").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let identifier = |id: &str| json!({ "type": "workspace", "id": id });

    let relationship = format!("{GROUPS}/{emea}/relationships/workspaces");
    let body = json!({ "data": [identifier(&acme)] });
    let added = post_with_key(&api, &relationship, "add-1", &body).await;
    assert_performed(&added, 204);
    assert_eq!(added.body, Value::Null);
    let pairs = format!("{GROUPS}/{emea}/workspaces");
    let enrolled = post_with_key(&api, &pairs, "add-2", &json!({ "data": identifier(&beta) })).await;
    assert_performed(&enrolled, 201);
    for workspace in [&acme, &beta] {
        assert_eq!(api.delete(&format!("{pairs}/{workspace}")).await.status, 204);
    }

    assert_replayed(&added, &post_with_key(&api, &relationship, "add-1", &body).await);
    assert_replayed(
        &enrolled,
        &post_with_key(&api, &pairs, "add-2", &json!({ "data": identifier(&beta) })).await,
    );
    assert_eq!((row_count(&pool).await, live_count(&pool).await, event_count(&pool).await), (2, 0, 4));
}

#[database_test]
async fn key_belongs_to_one_path_and_body(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let body = named("workspace", "Acme");
    let first = post_with_key(&api, WORKSPACES, "make-1", &body).await;
    assert_performed(&first, 201);
    for (path, body) in [
        (WORKSPACES, named("workspace", "Beta")),
        (GROUPS, body.clone()),
        ("/v1/workspaces?fields[workspace]=name", body.clone()),
        // This is checked before anything else in the request.
        (WORKSPACES, json!("nothing")),
        ("/v1/nothing", body.clone()),
    ] {
        let answer = post_with_key(&api, path, "make-1", &body).await;
        assert_performed(&answer, 422);
        assert_eq!(answer.errors(), [key_error("422", "IDEMPOTENCY_KEY_REUSED")], "{path}");
    }
    assert_replayed(&first, &post_with_key(&api, WORKSPACES, "make-1", &body).await);
    assert_eq!(workspace_count(&pool).await, 1);
}

/// Sends each key in a header line of its own.
async fn with_keys(api: &ApiClient, keys: &[HeaderValue]) -> Answer {
    let mut request = api.request(Method::POST, WORKSPACES).header("content-type", JSON_API);
    for key in keys {
        request = request.header("idempotency-key", key.clone());
    }
    Answer::read(request.body(named("workspace", "Acme").to_string())).await
}

#[database_test]
async fn key_must_be_one_value_of_visible_ascii(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let value = |bytes: &[u8]| HeaderValue::from_bytes(bytes).unwrap();
    for keys in [
        vec![value(b"")],
        vec![value(&[b'x'; 256])],
        vec![value(b"two words")],
        vec![value(b"tab\tbed")],
        vec![value("caf\u{e9}".as_bytes())],
        vec![value(b"one"), value(b"two")],
        vec![value(b"one"), value(b"one")],
    ] {
        let answer = with_keys(&api, &keys).await;
        assert_eq!(
            (answer.status, answer.errors()),
            (400, vec![key_error("400", "BAD_REQUEST")]),
            "{keys:?}"
        );
    }
    assert_eq!(workspace_count(&pool).await, 0);
    for key in [value(b"~"), value(&[b'!'; 255])] {
        assert_performed(&with_keys(&api, &[key]).await, 201);
    }
}

#[database_test]
async fn refusals_are_replayed_after_their_cause_is_gone(pool: PgPool) {
    const LATE: &str = "6f9619ff-8b86-4011-b42d-00cf4fc964ff";
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool.clone()).await;
    let (api, reader) = (app.api_client(&["write"]).await, app.api_client(&["read"]).await);
    let (there, late) = (enrollment(&emea, &acme), enrollment(&emea, LATE));
    let nameless = named("workspace_group", " ");

    let mut refused = Vec::new();
    for (api, path, key, body, status, code) in [
        (&api, ENROLLMENTS, "1", &there, 409, "WORKSPACE_GROUP_WORKSPACE_ALREADY_EXISTS"),
        (&api, ENROLLMENTS, "2", &late, 404, "WORKSPACE_NOT_FOUND"),
        (&api, GROUPS, "3", &nameless, 422, "VALIDATION_ERROR"),
        (&reader, ENROLLMENTS, "1", &late, 403, "FORBIDDEN"),
        (&api, "/v1/nothing", "4", &late, 404, "NOT_FOUND"),
        (&api, "/v1/enrollment-events", "5", &late, 405, "METHOD_NOT_ALLOWED"),
    ] {
        let first = post_with_key(api, path, key, body).await;
        assert_performed(&first, status);
        assert_eq!(first.errors()[0].1, code);
        refused.push((api, path, key, body, first));
    }

    assert_eq!(api.delete(&format!("{ENROLLMENTS}/{live}")).await.status, 204);
    sqlx::query("INSERT INTO core_api.workspaces (workspace_id, name) VALUES ($1::uuid, 'Late')")
        .bind(LATE)
        .execute(&pool)
        .await
        .unwrap();
    sqlx::raw_sql("UPDATE groupdesk.api_tokens SET scopes = ARRAY['write']").execute(&pool).await.unwrap();

    for (api, path, key, body, first) in refused {
        assert_replayed(&first, &post_with_key(api, path, key, body).await);
    }
    assert_eq!(live_count(&pool).await, 0);
    // Another key means another request.
    assert_performed(&post_with_key(&api, ENROLLMENTS, "6", &there).await, 201);
    assert_performed(&post_with_key(&reader, ENROLLMENTS, "6", &late).await, 201);
}

async fn alter_log(pool: &PgPool, change: &str) {
    let statement = format!("ALTER TABLE groupdesk.enrollment_events {change}");
    sqlx::raw_sql(&statement).execute(pool).await.unwrap();
}

#[database_test]
async fn media_type_errors_are_stored_but_faults_are_not(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let body = enrollment(&emea, &acme);
    let request = api.request(Method::POST, ENROLLMENTS).header("idempotency-key", "enroll-1");
    let wrong = Answer::read(request.header("content-type", "text/plain").body(body.to_string())).await;
    assert_performed(&wrong, 415);
    assert_replayed(&wrong, &post_with_key(&api, ENROLLMENTS, "enroll-1", &body).await);

    alter_log(&pool, "ADD CONSTRAINT trouble CHECK (false) NOT VALID").await;
    assert_performed(&post_with_key(&api, ENROLLMENTS, "enroll-2", &body).await, 500);
    assert_eq!(row_count(&pool).await, 0);
    alter_log(&pool, "DROP CONSTRAINT trouble").await;
    let enrolled = post_with_key(&api, ENROLLMENTS, "enroll-2", &body).await;
    assert_performed(&enrolled, 201);
    assert_replayed(&enrolled, &post_with_key(&api, ENROLLMENTS, "enroll-2", &body).await);
    assert_eq!((row_count(&pool).await, event_count(&pool).await), (1, 1));
}
