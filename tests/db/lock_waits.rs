//! A change that waits for another transaction acts on the committed result of that transaction.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::{PgPool, Postgres, Transaction};

use super::wait_for_blocked_statement;
use crate::support::{Answer, ApiClient, TestApp, enroll, error, group, person, time, workspace};

const PATH: &str = "/v1/workspace-group-workspaces";

/// Executes a statement in an open transaction, sends the request, and commits once the request waits for
/// the transaction.
async fn send_while_uncommitted(
    pool: &PgPool,
    statement: &str,
    request: impl Future<Output = Answer>,
) -> Answer {
    let mut transaction: Transaction<'_, Postgres> = pool.begin().await.unwrap();
    sqlx::raw_sql(statement).execute(&mut *transaction).await.unwrap();
    let commit = async {
        wait_for_blocked_statement(pool).await;
        transaction.commit().await.unwrap();
    };
    let (answer, ()) = futures::join!(request, commit);
    answer
}

fn creator_document(id: &str, person: &Value) -> Value {
    let data = if person.is_null() { Value::Null } else { json!({ "type": "people", "id": person }) };
    json!({ "data": {
        "type": "workspace_group_workspace", "id": id, "relationships": { "created_by": { "data": data } }
    }})
}

#[database_test]
async fn creator_change_acts_on_the_committed_creator(pool: PgPool) {
    let bert = person(&pool, "Bert", "Ek", "bert@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let id = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::with_large_pool(&pool).await;
    let api = app.api_client(&["pipeline"]).await;
    let path = format!("{PATH}/{id}");
    let to_bert = format!(
        "UPDATE core_api.workspace_group_workspaces SET created_by_pk = (SELECT pk FROM core_api.peoples WHERE people_id = '{bert}')"
    );

    let answer =
        send_while_uncommitted(&pool, &to_bert, api.patch(&path, creator_document(&id, &Value::Null))).await;

    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["data"]["relationships"]["created_by"]["data"], Value::Null);
    assert_eq!(api.get(&path).await.body["data"], answer.body["data"]);
    let creators: Vec<(Option<String>, Option<String>)> = sqlx::query_as(
        "SELECT attributed_from, attributed_to FROM groupdesk.enrollment_events WHERE action = 'attribution_corrected'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(creators, [(Some("Bert Ek".to_owned()), None)]);
    app.close().await;
}

#[database_test]
async fn row_begins_when_the_previous_one_has_ended(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::with_large_pool(&pool).await;
    let api = app.api_client(&["write"]).await;
    // The other row comes from a machine whose clock is ahead.
    let removal = "UPDATE core_api.workspace_group_workspaces
                   SET deleted_at = date_trunc('milliseconds', now() + interval '1 hour')";

    let answer = send_while_uncommitted(&pool, removal, api.enroll(&emea, &acme)).await;

    assert_eq!(answer.status, 201, "{answer:?}");
    let (ended, logged_at): (String, String) = sqlx::query_as(
        r#"SELECT to_char(max(e.deleted_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                  to_char(max(v.occurred_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
           FROM core_api.workspace_group_workspaces e, groupdesk.enrollment_events v"#,
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(answer.body["data"]["attributes"]["created_at"], ended);
    assert_eq!(logged_at, ended, "the event has the same time");
    app.close().await;
}

/// A new person with a token that was used before.
async fn person_with_token(app: &TestApp, number: usize) -> (String, ApiClient) {
    let email = format!("ana{number}@example.com");
    let ana = person(&app.pool, "Ana", "Lima", &email).await;
    let by_ana = app.api_client_for(&email, &["write"]).await;
    by_ana.get(PATH).await;
    (ana, by_ana)
}

#[database_test]
async fn deleting_the_actor_causes_no_fault(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &workspace(&pool, "Beta").await, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::with_large_pool(&pool).await;
    let pipeline = app.api_client(&["pipeline"]).await;
    let delete = |id: &str| format!("DELETE FROM core_api.peoples WHERE people_id = '{id}'");
    let live = format!("{PATH}/{live}");

    // Another actor names the person as the creator.
    let (ana, _) = person_with_token(&app, 0).await;
    let id = live.rsplit('/').next().unwrap();
    let named = pipeline.patch(&live, creator_document(id, &json!(ana)));
    let answer = send_while_uncommitted(&pool, &delete(&ana), named).await;
    let place = "/data/relationships/created_by/data/id";
    assert_eq!((answer.status, answer.errors()), (404, vec![error("404", "PEOPLE_NOT_FOUND", place)]));

    // The actor is deleted: an enrollment would have a deleted creator, so it is refused like the next
    // request.
    let (ana, by_ana) = person_with_token(&app, 1).await;
    let answer = send_while_uncommitted(&pool, &delete(&ana), by_ana.enroll(&emea, &acme)).await;
    assert_eq!((answer.status, answer.errors()[0].1.as_str()), (401, "UNAUTHORIZED"));

    // A change without a creator succeeds, and the logs keep the name.
    let (ana, by_ana) = person_with_token(&app, 2).await;
    let group = json!({ "data": { "type": "workspace_group", "attributes": { "name": "APAC" } } });
    let answer =
        send_while_uncommitted(&pool, &delete(&ana), by_ana.post("/v1/workspace-groups", group)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.body["data"]["relationships"]["created_by"]["data"], Value::Null);
    let this = format!("/v1/workspace-groups/{}", answer.id());
    assert_eq!(pipeline.get(&this).await.body["data"], answer.body["data"]);

    let (ana, by_ana) = person_with_token(&app, 3).await;
    let answer = send_while_uncommitted(&pool, &delete(&ana), by_ana.delete(&live)).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let removals = pipeline.get("/v1/enrollment-events?filter[action]=removed").await;
    let event = &removals.body["data"][0];
    assert_eq!(event["attributes"]["actor_name"], "Ana Lima");
    assert_eq!(event["relationships"]["actor"]["data"], Value::Null);
    app.close().await;
}
