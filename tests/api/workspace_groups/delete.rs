//! `DELETE /v1/workspace-groups/{id}`; groups with enrollments are tested in `db/removed_parents.rs`.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{TestApp, admin_events, group, person, workspace};

const NOW: &str = "2026-11-28T09:15:00.000Z";

#[database_test]
async fn removing_twice_is_204_and_logged_once(pool: PgPool) {
    person(&pool, "Ana", "Lima", "ana@example.com").await;
    let emea = group(&pool, "EMEA").await;
    sqlx::raw_sql(
        "UPDATE core_api.workspace_groups SET created_at = '2026-05-01Z', updated_at = '2026-05-01Z'",
    )
    .execute(&pool)
    .await
    .unwrap();
    let app = TestApp::at(pool.clone(), NOW).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let path = format!("/v1/workspace-groups/{emea}");
    let before = admin_events(&pool).await.len();

    for _ in 0..2 {
        let answer = by_ana.delete(&path).await;
        assert_eq!((answer.status, answer.body), (204, Value::Null));
    }

    assert_eq!(
        by_ana.get(&path).await.body["data"]["attributes"],
        json!({ "name": "EMEA", "created_at": "2026-05-01T00:00:00.000Z", "updated_at": NOW, "deleted_at": NOW })
    );
    assert_eq!(
        admin_events(&pool).await[before..],
        [("workspace_group_removed".to_owned(), Some("Ana Lima".to_owned()), Some("EMEA".to_owned()))]
    );
}

#[database_test]
async fn unknown_ids_are_404(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    for id in [&acme, "42"] {
        let answer = api.delete(&format!("/v1/workspace-groups/{id}")).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.errors()[0].1, "WORKSPACE_GROUP_NOT_FOUND");
    }
}
