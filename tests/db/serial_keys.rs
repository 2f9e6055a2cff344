//! Refused requests and existing rows use no serial numbers. Otherwise a list that is sent every night
//! would exhaust a 32-bit key in some years.

use std::io::Write as _;

use groupdesk::kernel::actor::{Actor, Role, Source};
use groupdesk::kernel::problem::Problem;
use groupdesk::kernel::text::{Email, Name, ShortText};
use groupdesk::platform::call::{Administer, Call};
use groupdesk::platform::clock;
use groupdesk::platform::db::serial_keys::{SerialKey, serial_keys};
use groupdesk::platform::failure::Failure;
use groupdesk::resources::flows::invite_operator::operator_add;
use groupdesk::resources::operators::ops::{NewOperator, operator_find, operator_link_identity};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;
use tempfile::NamedTempFile;

use super::execute;
use crate::support::{
    Answer, ApiClient, TestApp, database_url, event_count, group, live_count, operator, run, workspaces,
};

/// The last used number of each table that machines write to.
async fn used_numbers(pool: &PgPool) -> Vec<(String, Option<i64>)> {
    sqlx::query_as(
        "SELECT sequencename::text, last_value FROM pg_sequences
         WHERE schemaname = 'core_api' OR sequencename IN ('enrollment_events_pk_seq', 'admin_events_pk_seq')
         ORDER BY 1",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

async fn create_workspaces(pool: &PgPool, number: i32) -> Vec<String> {
    workspaces(pool, number).await;
    let ids = sqlx::query_scalar("SELECT workspace_id::text FROM core_api.workspaces ORDER BY pk");
    ids.fetch_all(pool).await.unwrap()
}

fn members(ids: &[String]) -> Value {
    let data: Vec<Value> = ids.iter().map(|id| json!({ "type": "workspace", "id": id })).collect();
    json!({ "data": data })
}

async fn create(api: &ApiClient, path: &str, kind: &str, attributes: Value) -> Answer {
    api.post(path, json!({ "data": { "type": kind, "attributes": attributes } })).await
}

#[database_test]
async fn enrolling_again_uses_no_serial_number(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let mut ids = create_workspaces(&pool, 41).await;
    let new = ids.split_off(40);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let relationship = format!("/v1/workspace-groups/{emea}/relationships/workspaces");
    assert_eq!(api.post(&relationship, members(&ids)).await.status, 204);
    let before = used_numbers(&pool).await;
    for id in &ids {
        assert_eq!(api.enroll(&emea, id).await.status, 409);
    }
    for _ in 0..2 {
        assert_eq!(api.post(&relationship, members(&ids)).await.status, 204);
    }
    assert_eq!(used_numbers(&pool).await, before);
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (40, 40));

    // A new row among known ones takes one number, and so does a re-added one.
    let numbers = async || -> i64 {
        sqlx::query_scalar("SELECT last_value FROM core_api.workspace_group_workspaces_pk_seq")
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    let last = numbers().await;
    assert_eq!(api.post(&relationship, members(&[ids.clone(), new].concat())).await.status, 204);
    assert_eq!(numbers().await, last + 1);
    let path = format!("/v1/workspace-groups/{emea}/workspaces/{}", ids[0]);
    assert_eq!(api.delete(&path).await.status, 204);
    assert_eq!(api.post(&relationship, members(&ids)).await.status, 204);
    assert_eq!(numbers().await, last + 2);
    assert_eq!(live_count(&pool).await, 41);
}

/// Rows of a rolled-back transaction would use numbers, too.
#[database_test]
async fn refused_bulk_requests_use_no_serial_numbers(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let ids = create_workspaces(&pool, 5).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let before = used_numbers(&pool).await;
    let relationship = format!("/v1/workspace-groups/{emea}/relationships/workspaces");
    for unknown in ["00000000-0000-4000-8000-000000000000", "nothing"] {
        let all = members(&[ids.clone(), vec![unknown.to_owned()]].concat());
        let refused = api.post(&relationship, all.clone()).await;
        assert_eq!((refused.status, refused.errors().len()), (404, 1), "{refused:?}");
        assert_eq!(refused.errors()[0].2, json!({ "pointer": "/data/5/id" }));
        let new = json!({ "data": {
            "type": "workspace_group",
            "attributes": { "name": "APAC" },
            "relationships": { "workspaces": all }
        }});
        let refused = api.post("/v1/workspace-groups", new).await;
        assert_eq!((refused.status, refused.errors().len()), (404, 1), "{refused:?}");
        let pointer = "/data/relationships/workspaces/data/5/id";
        assert_eq!(refused.errors()[0].2, json!({ "pointer": pointer }));
    }
    // All unknown ids are reported at once.
    let unknown = ["nothing", "00000000-0000-4000-8000-000000000000"].map(str::to_owned);
    let refused = api.post(&relationship, members(&[&ids[..], &unknown[..]].concat())).await;
    assert_eq!((refused.status, refused.errors().len()), (404, 2), "{refused:?}");
    assert_eq!(used_numbers(&pool).await, before);
    assert_eq!((live_count(&pool).await, event_count(&pool).await), (0, 0));
    assert_eq!(api.post(&relationship, members(&ids)).await.status, 204);
    assert_eq!(live_count(&pool).await, 5);
}

/// Outsiders could cause linking attempts as often as their provider allows.
#[database_test]
async fn existing_operators_and_links_use_no_serial_numbers(pool: PgPool) {
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let actor = Actor { person: None, source: Source::Cli, token_name: None };
    let call: Call<Administer> = Call::granted(actor, clock::system().now(), None);
    let mut connection = pool.acquire().await.unwrap();
    let email = Email::parse("ana@example.com").unwrap();
    let id = operator_find(&mut connection, &call, &email).await.unwrap();
    let issuer = "https://id.example.com/";
    let (subject, another) = (ShortText::parse("ana").unwrap(), ShortText::parse("sam").unwrap());
    operator_link_identity(&mut connection, &call, id, issuer, &subject).await.unwrap();
    let last = async || -> (i64, i64) {
        sqlx::query_as(
            "SELECT (SELECT last_value FROM groupdesk.operators_pk_seq),
                    (SELECT last_value FROM groupdesk.operator_identities_pk_seq)",
        )
        .fetch_one(&pool)
        .await
        .unwrap()
    };
    assert_eq!(last().await, (1, 1));

    for _ in 0..3 {
        let new = NewOperator {
            email: email.clone(),
            name: Name::parse("Ana Lima").unwrap(),
            role: Role::Admin,
            password: None,
        };
        let again = operator_add(&mut connection, &call, new).await;
        assert!(matches!(again, Err(Failure::Problem(Problem::OperatorExists(_)))), "{again:?}");
        let other = operator_link_identity(&mut connection, &call, id, issuer, &another).await;
        assert!(matches!(other, Err(Failure::Problem(Problem::OperatorLinked(_)))), "{other:?}");
        operator_link_identity(&mut connection, &call, id, issuer, &subject).await.unwrap();
    }
    assert_eq!(last().await, (1, 1));
    // An operator whose person is deleted is invited again.
    execute(&pool, "DELETE FROM core_api.peoples").await;
    let new =
        NewOperator { email, name: Name::parse("Ana Lima").unwrap(), role: Role::Admin, password: None };
    assert!(operator_add(&mut connection, &call, new).await.unwrap().is_some());
}

#[database_test]
async fn unique_conflicts_use_no_serial_numbers(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let person = json!({ "first_name": "Ana", "last_name": "Lima", "email": "ana@example.com" });
    let workspace = json!({ "name": "Acme", "external_workspace_id": "ws-1" });
    assert_eq!(create(&api, "/v1/people", "people", person.clone()).await.status, 201);
    assert_eq!(create(&api, "/v1/workspaces", "workspace", workspace.clone()).await.status, 201);
    let before = used_numbers(&pool).await;
    for _ in 0..5 {
        let taken = create(&api, "/v1/people", "people", person.clone()).await;
        assert_eq!((taken.status, taken.errors()[0].1.as_str()), (409, "EMAIL_ALREADY_EXISTS"));
        let taken = create(&api, "/v1/workspaces", "workspace", workspace.clone()).await;
        let code = "EXTERNAL_WORKSPACE_ID_ALREADY_EXISTS";
        assert_eq!((taken.status, taken.errors()[0].1.as_str()), (409, code));
    }
    assert_eq!(used_numbers(&pool).await, before);
    // Rows without a unique value never conflict.
    for _ in 0..2 {
        let nameless = json!({ "first_name": "Ana", "last_name": "Lima" });
        assert_eq!(create(&api, "/v1/people", "people", nameless).await.status, 201);
        assert_eq!(create(&api, "/v1/workspaces", "workspace", json!({ "name": "Acme" })).await.status, 201);
    }
}

#[database_test]
async fn remaining_numbers_of_each_key_are_known(pool: PgPool) {
    let key = async |table: &str| -> SerialKey {
        let keys = serial_keys(&pool).await.unwrap();
        keys.into_iter().find(|key| key.table == table).unwrap()
    };
    let unused =
        SerialKey { table: "core_api.workspaces".into(), numbers: 2_147_483_647, left: 2_147_483_647 };
    assert_eq!(key("core_api.workspaces").await, unused);
    assert_eq!(key("groupdesk.enrollment_events").await.numbers, i64::MAX);
    workspaces(&pool, 3).await;
    assert_eq!(key("core_api.workspaces").await.left, 2_147_483_644);
    assert!(!key("core_api.workspaces").await.has_few_left());
    execute(&pool, "SELECT setval('core_api.workspaces_pk_seq', 2000000000)").await;
    assert_eq!(key("core_api.workspaces").await.left, 147_483_647);
    assert!(key("core_api.workspaces").await.has_few_left());
    // Older systems may have created it differently: the column type ends before the sequence does, or the
    // column is an identity.
    execute(&pool, "ALTER SEQUENCE core_api.workspaces_pk_seq AS bigint MAXVALUE 9000000000").await;
    assert_eq!(key("core_api.workspaces").await.left, 147_483_647);
    execute(
        &pool,
        "ALTER TABLE core_api.workspaces ALTER pk DROP DEFAULT; DROP SEQUENCE core_api.workspaces_pk_seq;
         ALTER TABLE core_api.workspaces ALTER pk ADD GENERATED BY DEFAULT AS IDENTITY (START WITH 100)",
    )
    .await;
    assert_eq!(key("core_api.workspaces").await, SerialKey { left: 2_147_483_548, ..unused });
    execute(&pool, "ALTER TABLE core_api.workspaces ALTER pk SET INCREMENT BY 10").await;
    assert_eq!(key("core_api.workspaces").await.numbers, 214_748_365);
    execute(&pool, "INSERT INTO core_api.workspaces (name) VALUES ('Acme'), ('Beta')").await;
    assert_eq!(key("core_api.workspaces").await.left, 214_748_353);
}

/// The statements of `docs/scaling.md`, after which the next keys do not fit into 32 bits.
#[database_test]
async fn keys_of_enrollments_may_become_wider(pool: PgPool) {
    let docs = include_str!("../../docs/scaling.md");
    let statements =
        docs.split("```").find(|block| block.starts_with("sql\n") && block.contains("AS bigint"));
    execute(&pool, statements.expect("the statements").trim_start_matches("sql")).await;
    execute(&pool, "SELECT setval('core_api.workspace_group_workspaces_pk_seq', 3000000000)").await;
    let emea = group(&pool, "EMEA").await;
    let ids = create_workspaces(&pool, 5).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["read", "write", "audit"]).await;
    let enrolled = api.enroll(&emea, &ids[0]).await;
    assert_eq!(enrolled.status, 201);
    assert_eq!(api.delete(&format!("/v1/workspace-group-workspaces/{}", enrolled.id())).await.status, 204);

    let relationship = format!("/v1/workspace-groups/{emea}/relationships/workspaces");
    assert_eq!(api.post(&relationship, members(&ids[..4])).await.status, 204);
    for (list, size) in [("/v1/workspace-group-workspaces", 3), ("/v1/enrollment-events", 5)] {
        let page = api.get(&format!("{list}?page[size]={size}")).await;
        let next = page.body["links"]["next"].as_str().unwrap();
        assert_eq!((page.ids().len(), api.get(next).await.ids().len()), (size, 1), "{list}");
    }

    let mut list = NamedTempFile::with_suffix(".csv").unwrap();
    list.write_all(format!("id\n{}\n", ids.join("\n")).as_bytes()).unwrap();
    let (url, path) = (database_url(&pool), list.path().to_str().unwrap());
    let imported = run(&["import", "--database-url", &url, "--group", &emea, path]).await;
    assert!(imported.out.starts_with("1 enrolled, 4 already in EMEA"), "{}", imported.out);
}
