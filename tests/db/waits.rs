//! Who has to wait for another's transaction acts on what it left behind, not on what was there before.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::{PgPool, Postgres, Transaction};

use super::somebody_waits;
use crate::support::{Answer, Desk, Machine, enroll, error, group, person, time, workspace};

const PATH: &str = "/v1/workspace-group-workspaces";

/// Runs a statement, sends the request while its effect is not there yet, and commits once the request
/// has to wait for it.
async fn meanwhile(pool: &PgPool, statement: &str, request: impl Future<Output = Answer>) -> Answer {
    let mut transaction: Transaction<'_, Postgres> = pool.begin().await.unwrap();
    sqlx::raw_sql(statement).execute(&mut *transaction).await.unwrap();
    let commit = async {
        somebody_waits(pool).await;
        transaction.commit().await.unwrap();
    };
    let (answer, ()) = futures::join!(request, commit);
    answer
}

fn attribution(id: &str, person: &Value) -> Value {
    let data = if person.is_null() { Value::Null } else { json!({ "type": "people", "id": person }) };
    json!({ "data": {
        "type": "workspace_group_workspace", "id": id, "relationships": { "created_by": { "data": data } }
    }})
}

#[database_test]
async fn a_correction_that_waits_for_another_corrects_what_that_left(pool: PgPool) {
    let bert = person(&pool, "Bert", "Ek", "bert@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let id = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let desk = Desk::crowded(&pool).await;
    let machine = desk.machine(&["pipeline"]).await;
    let path = format!("{PATH}/{id}");
    let to_bert = format!(
        "UPDATE core_api.workspace_group_workspaces SET created_by_pk = (SELECT pk FROM core_api.peoples WHERE people_id = '{bert}')"
    );

    let answer = meanwhile(&pool, &to_bert, machine.patch(&path, attribution(&id, &Value::Null))).await;

    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["data"]["relationships"]["created_by"]["data"], Value::Null);
    assert_eq!(machine.get(&path).await.body["data"], answer.body["data"]);
    let told: Vec<(Option<String>, Option<String>)> = sqlx::query_as(
        "SELECT attributed_from, attributed_to FROM groupdesk.enrollment_events WHERE action = 'attribution_corrected'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(told, [(Some("Bert Ek".to_owned()), None)]);
    desk.close().await;
}

#[database_test]
async fn a_row_begins_when_the_one_before_it_has_ended(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let desk = Desk::crowded(&pool).await;
    let machine = desk.machine(&["write"]).await;
    // By a machine whose clock is ahead of ours.
    let removal = "UPDATE core_api.workspace_group_workspaces
                   SET deleted_at = date_trunc('milliseconds', now() + interval '1 hour')";

    let answer = meanwhile(&pool, removal, machine.enroll(&emea, &acme)).await;

    assert_eq!(answer.status, 201, "{answer:?}");
    let (ended, told): (String, String) = sqlx::query_as(
        r#"SELECT to_char(max(e.deleted_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                  to_char(max(v.occurred_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
           FROM core_api.workspace_group_workspaces e, groupdesk.enrollment_events v"#,
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(answer.body["data"]["attributes"]["created_at"], ended);
    assert_eq!(told, ended, "the log tells the same moment");
    desk.close().await;
}

/// A new person with a token of theirs that was used before.
async fn somebody(desk: &Desk, number: usize) -> (String, Machine) {
    let email = format!("ana{number}@example.com");
    let ana = person(&desk.pool, "Ana", "Lima", &email).await;
    let by_ana = desk.machine_for(&email, &["write"]).await;
    by_ana.get(PATH).await;
    (ana, by_ana)
}

#[database_test]
async fn whoever_is_deleted_while_they_act_is_no_fault(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let live = enroll(&pool, &emea, &workspace(&pool, "Beta").await, time("2026-05-01T00:00:00Z")).await;
    let desk = Desk::crowded(&pool).await;
    let pipeline = desk.machine(&["pipeline"]).await;
    let delete = |id: &str| format!("DELETE FROM core_api.peoples WHERE people_id = '{id}'");
    let live = format!("{PATH}/{live}");

    // Named by somebody else.
    let (ana, _) = somebody(&desk, 0).await;
    let id = live.rsplit('/').next().unwrap();
    let named = pipeline.patch(&live, attribution(id, &json!(ana)));
    let answer = meanwhile(&pool, &delete(&ana), named).await;
    let place = "/data/relationships/created_by/data/id";
    assert_eq!((answer.status, answer.errors()), (404, vec![error("404", "PEOPLE_NOT_FOUND", place)]));

    // Who acts: an enrollment would stand in their name, so it is refused like their next request will be.
    let (ana, by_ana) = somebody(&desk, 1).await;
    let answer = meanwhile(&pool, &delete(&ana), by_ana.enroll(&emea, &acme)).await;
    assert_eq!((answer.status, answer.errors()[0].1.as_str()), (401, "UNAUTHORIZED"));

    // What bears no name of theirs is done, and the logs keep the name.
    let (ana, by_ana) = somebody(&desk, 2).await;
    let group = json!({ "data": { "type": "workspace_group", "attributes": { "name": "APAC" } } });
    let answer = meanwhile(&pool, &delete(&ana), by_ana.post("/v1/workspace-groups", group)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.body["data"]["relationships"]["created_by"]["data"], Value::Null);
    let this = format!("/v1/workspace-groups/{}", answer.id());
    assert_eq!(pipeline.get(&this).await.body["data"], answer.body["data"]);

    let (ana, by_ana) = somebody(&desk, 3).await;
    let answer = meanwhile(&pool, &delete(&ana), by_ana.delete(&live)).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let told = pipeline.get("/v1/enrollment-events?filter[action]=removed").await;
    let event = &told.body["data"][0];
    assert_eq!(event["attributes"]["actor_name"], "Ana Lima");
    assert_eq!(event["relationships"]["actor"]["data"], Value::Null);
    desk.close().await;
}
