//! `DELETE /v1/workspaces/{id}`; workspaces with enrollments are tested in `db/removed_parents.rs`.

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{TestApp, admin_events, group, workspace};

#[database_test]
async fn removing_twice_is_204_and_logged_once(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let path = format!("/v1/workspaces/{acme}");
    let before = admin_events(&pool).await.len();
    for _ in 0..2 {
        assert_eq!(api.delete(&path).await.status, 204);
    }
    assert_eq!(
        admin_events(&pool).await[before..],
        [("workspace_removed".to_owned(), None, Some("Acme".to_owned()))]
    );
}

#[database_test]
async fn unknown_ids_are_404(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    for id in [&emea, "42"] {
        let answer = api.delete(&format!("/v1/workspaces/{id}")).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.errors()[0].1, "WORKSPACE_NOT_FOUND");
    }
}
