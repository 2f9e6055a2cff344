//! `GET /v1/workspaces/{id}`

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{TestApp, group, workspace};

#[database_test]
async fn workspace_is_returned_with_all_attributes(pool: PgPool) {
    let acme = workspace(&pool, "Acme").await;
    sqlx::raw_sql(
        "UPDATE core_api.workspaces SET description = 'Anvils', avatar_color = '#aabbcc',
             created_at = '2026-05-01T10:00:00.123456Z', updated_at = NULL",
    )
    .execute(&pool)
    .await
    .unwrap();
    let app = TestApp::start(pool).await;
    let path = format!("/v1/workspaces/{acme}");

    let answer = app.api_client(&["read"]).await.get(&path).await;

    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.body,
        json!({
            "data": {
                "type": "workspace",
                "id": acme,
                "attributes": {
                    "name": "Acme",
                    "description": "Anvils",
                    "external_workspace_id": "acme",
                    "avatar_color": "#aabbcc",
                    "created_at": "2026-05-01T10:00:00.123Z",
                    "updated_at": null,
                    "deleted_at": null
                },
                "relationships": { "workspace_groups": { "links": {
                    "self": format!("{path}/relationships/workspace_groups"),
                    "related": format!("{path}/workspace_groups")
                }}},
                "links": { "self": path }
            },
            "links": { "self": path }
        })
    );
}

#[database_test]
async fn unknown_and_malformed_ids_are_404(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for id in [&emea, "42"] {
        let answer = api.get(&format!("/v1/workspaces/{id}")).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.errors()[0].1, "WORKSPACE_NOT_FOUND");
    }
}
