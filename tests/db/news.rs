//! What the database gathers of changes, and tells.

use pretty_assertions::assert_eq;
use sqlx::PgPool;
use sqlx::postgres::PgListener;

use super::execute;
use crate::support::{Desk, group, person, workspace};

/// All that is told of what was done until now, in its order.
async fn told(pool: &PgPool, listener: &mut PgListener) -> Vec<String> {
    execute(pool, "SELECT groupdesk.spread_news()").await;
    // Behind it, so that silence need not be waited for.
    execute(pool, "NOTIFY groupdesk_news, 'end'").await;
    let mut words = Vec::new();
    loop {
        let notice = listener.recv().await.unwrap();
        if notice.payload() == "end" {
            break;
        }
        assert!(notice.payload().len() < 8000);
        words.extend(notice.payload().split(' ').map(str::to_owned));
    }
    words.sort();
    words
}

async fn listener(pool: &PgPool) -> PgListener {
    let mut listener = PgListener::connect_with(pool).await.unwrap();
    listener.listen("groupdesk_news").await.unwrap();
    listener
}

#[database_test]
async fn a_change_of_an_enrollment_names_its_group_its_workspace_and_who_did_it(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let desk = Desk::start(pool.clone()).await;
    let by_ana = desk.machine_for("ana@example.com", &["write"]).await;
    let mut listener = listener(&pool).await;
    told(&pool, &mut listener).await;

    let enrolled = by_ana.enroll(&emea, &acme).await;
    assert_eq!(enrolled.status, 201);
    let mut expected = [
        "enrollments".to_owned(),
        format!("group:{emea}"),
        format!("person:{ana}"),
        format!("workspace:{acme}"),
    ];
    expected.sort();
    assert_eq!(told(&pool, &mut listener).await, expected);
    // Told once.
    assert_eq!(told(&pool, &mut listener).await, Vec::<String>::new());

    by_ana.delete(enrolled.header("location")).await;
    assert_eq!(told(&pool, &mut listener).await, expected);
}

#[database_test]
async fn of_very_many_things_the_kind_is_told(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    execute(&pool, "INSERT INTO core_api.workspaces (name) SELECT 'W' || n FROM generate_series(1, 5000) n")
        .await;
    execute(
        &pool,
        "INSERT INTO core_api.workspace_group_workspaces (workspace_group_pk, workspace_pk)
         SELECT g.pk, w.pk FROM core_api.workspace_groups g, core_api.workspaces w",
    )
    .await;
    let mut listener = listener(&pool).await;
    execute(
        &pool,
        "INSERT INTO groupdesk.enrollment_events
             (action, occurred_at, source, workspace_group_workspace_pk, workspace_group_pk, workspace_pk)
         SELECT 'enrolled', created_at, 'import', pk, workspace_group_pk, workspace_pk
         FROM core_api.workspace_group_workspaces",
    )
    .await;
    // One statement leaves one row, of a bounded size, however many it wrote.
    let (rows, keys): (i64, i32) =
        sqlx::query_as("SELECT count(*), max(cardinality(workspace_pks)) FROM groupdesk.untold_news")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!((rows, keys), (1, 26));
    assert_eq!(told(&pool, &mut listener).await, ["enrollments", &format!("group:{emea}"), "workspace:*"]);

    // Also where each of many statements names one.
    for number in 0..200 {
        let topics = format!("{{import:{},NULL}}", uuid::Uuid::from_u128(number));
        sqlx::query("SELECT groupdesk.tell($1::text[])").bind(topics).execute(&pool).await.unwrap();
    }
    assert_eq!(told(&pool, &mut listener).await, ["import:*"]);
}

#[database_test]
async fn a_new_name_is_told_wherever_the_old_one_is_shown(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let desk = Desk::start(pool.clone()).await;
    let machine = desk.machine(&["write"]).await;
    machine.enroll(&emea, &acme).await;
    let mut listener = listener(&pool).await;
    told(&pool, &mut listener).await;
    let rename = async |kind: &str, path: String, field: &str| {
        let body = serde_json::json!({
            "data": { "type": kind, "id": path.rsplit('/').next(), "attributes": { field: "Other" } }
        });
        assert_eq!(machine.patch(&path, body).await.status, 200);
    };

    rename("workspace", format!("/v1/workspaces/{acme}"), "name").await;
    let expected =
        ["admin_events", "enrollments", &format!("group:{emea}"), &format!("workspace:{acme}"), "workspaces"];
    assert_eq!(told(&pool, &mut listener).await, expected);

    rename("workspace_group", format!("/v1/workspace-groups/{emea}"), "name").await;
    let expected = ["admin_events", "enrollments", &format!("group:{emea}"), "groups", "workspace:*"];
    assert_eq!(told(&pool, &mut listener).await, expected);

    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    rename("people", format!("/v1/people/{ana}"), "first_name").await;
    let expected = [
        "admin_events",
        "enrollments",
        "group:*",
        "groups",
        "people",
        &format!("person:{ana}"),
        "workspace:*",
    ];
    assert_eq!(told(&pool, &mut listener).await, expected);
}

/// What is rolled back is not told, and neither is anything before it is committed.
#[database_test]
async fn only_what_is_committed_is_told(pool: PgPool) {
    let mut listener = listener(&pool).await;
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query("SELECT groupdesk.tell('{groups}')").execute(&mut *transaction).await.unwrap();
    assert_eq!(told(&pool, &mut listener).await, Vec::<String>::new());
    transaction.commit().await.unwrap();
    assert_eq!(told(&pool, &mut listener).await, ["groups"]);
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query("SELECT groupdesk.tell('{groups}')").execute(&mut *transaction).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(told(&pool, &mut listener).await, Vec::<String>::new());
}
