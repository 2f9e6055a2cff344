//! Change notifications of the database.

use pretty_assertions::assert_eq;
use sqlx::PgPool;
use sqlx::postgres::PgListener;

use super::execute;
use crate::support::{TestApp, group, person, workspace};

/// All notifications of the changes until now, in their order.
async fn notified_topics(pool: &PgPool, listener: &mut PgListener) -> Vec<String> {
    execute(pool, "SELECT groupdesk.spread_news()").await;
    // The last notification, so that the test need not wait for silence.
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
async fn enrollment_change_notifies_group_workspace_and_actor(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let mut listener = listener(&pool).await;
    notified_topics(&pool, &mut listener).await;

    let enrolled = by_ana.enroll(&emea, &acme).await;
    assert_eq!(enrolled.status, 201);
    let mut expected = [
        "enrollments".to_owned(),
        format!("group:{emea}"),
        format!("person:{ana}"),
        format!("workspace:{acme}"),
    ];
    expected.sort();
    assert_eq!(notified_topics(&pool, &mut listener).await, expected);
    // Each notification is sent once.
    assert_eq!(notified_topics(&pool, &mut listener).await, Vec::<String>::new());

    by_ana.delete(enrolled.header("location")).await;
    assert_eq!(notified_topics(&pool, &mut listener).await, expected);
}

#[database_test]
async fn many_changes_are_notified_by_type(pool: PgPool) {
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
    // One statement leaves one row of bounded size, however many rows it wrote.
    let (rows, keys): (i64, i32) =
        sqlx::query_as("SELECT count(*), max(cardinality(workspace_pks)) FROM groupdesk.untold_news")
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!((rows, keys), (1, 26));
    assert_eq!(
        notified_topics(&pool, &mut listener).await,
        ["enrollments", &format!("group:{emea}"), "workspace:*"]
    );

    // The same holds for many statements that name one topic each.
    for number in 0..200 {
        let topics = format!("{{import:{},NULL}}", uuid::Uuid::from_u128(number));
        sqlx::query("SELECT groupdesk.tell($1::text[])").bind(topics).execute(&pool).await.unwrap();
    }
    assert_eq!(notified_topics(&pool, &mut listener).await, ["import:*"]);
}

#[database_test]
async fn rename_notifies_all_topics_that_show_the_name(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    api.enroll(&emea, &acme).await;
    let mut listener = listener(&pool).await;
    notified_topics(&pool, &mut listener).await;
    let rename = async |kind: &str, path: String, field: &str| {
        let body = serde_json::json!({
            "data": { "type": kind, "id": path.rsplit('/').next(), "attributes": { field: "Other" } }
        });
        assert_eq!(api.patch(&path, body).await.status, 200);
    };

    rename("workspace", format!("/v1/workspaces/{acme}"), "name").await;
    let expected =
        ["admin_events", "enrollments", &format!("group:{emea}"), &format!("workspace:{acme}"), "workspaces"];
    assert_eq!(notified_topics(&pool, &mut listener).await, expected);

    rename("workspace_group", format!("/v1/workspace-groups/{emea}"), "name").await;
    let expected = ["admin_events", "enrollments", &format!("group:{emea}"), "groups", "workspace:*"];
    assert_eq!(notified_topics(&pool, &mut listener).await, expected);

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
    assert_eq!(notified_topics(&pool, &mut listener).await, expected);
}

/// Notifications are sent only after the commit, and never after a rollback.
#[database_test]
async fn only_committed_changes_are_notified(pool: PgPool) {
    let mut listener = listener(&pool).await;
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query("SELECT groupdesk.tell('{groups}')").execute(&mut *transaction).await.unwrap();
    assert_eq!(notified_topics(&pool, &mut listener).await, Vec::<String>::new());
    transaction.commit().await.unwrap();
    assert_eq!(notified_topics(&pool, &mut listener).await, ["groups"]);
    let mut transaction = pool.begin().await.unwrap();
    sqlx::query("SELECT groupdesk.tell('{groups}')").execute(&mut *transaction).await.unwrap();
    transaction.rollback().await.unwrap();
    assert_eq!(notified_topics(&pool, &mut listener).await, Vec::<String>::new());
}
