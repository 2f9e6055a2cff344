//! `GET /v1/people`

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{TestApp, person};

#[database_test]
async fn people_are_listed_newest_first(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let app = TestApp::start(pool).await;
    let answer = app.api_client(&["read"]).await.get("/v1/people").await;
    assert_eq!(answer.ids(), [bo, ana.clone()]);
    let single = app.api_client(&["read"]).await.get(&format!("/v1/people/{ana}")).await;
    assert_eq!(answer.body["data"][1], single.body["data"]);
}
