//! `GET /v1/people/{id}`

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{TestApp, group, person};

#[database_test]
async fn person_is_returned(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    sqlx::raw_sql("UPDATE core_api.peoples SET created_at = '2026-05-01Z', updated_at = NULL")
        .execute(&pool)
        .await
        .unwrap();
    let app = TestApp::start(pool).await;
    let path = format!("/v1/people/{ana}");
    let answer = app.api_client(&["read"]).await.get(&path).await;
    assert_eq!(
        answer.body,
        json!({
            "data": {
                "type": "people",
                "id": ana,
                "attributes": {
                    "first_name": "Ana",
                    "last_name": "Lima",
                    "email": "ana@example.com",
                    "created_at": "2026-05-01T00:00:00.000Z",
                    "updated_at": null
                },
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
        let answer = api.get(&format!("/v1/people/{id}")).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.errors()[0].1, "PEOPLE_NOT_FOUND");
    }
}
