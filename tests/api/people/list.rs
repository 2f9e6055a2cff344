//! `GET /v1/people`

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{Desk, person};

#[database_test]
async fn people_are_listed_newest_first(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let bo = person(&pool, "Bo", "Ek", "bo@example.com").await;
    let desk = Desk::start(pool).await;
    let answer = desk.machine(&["read"]).await.get("/v1/people").await;
    assert_eq!(answer.ids(), [bo, ana.clone()]);
    let single = desk.machine(&["read"]).await.get(&format!("/v1/people/{ana}")).await;
    assert_eq!(answer.body["data"][1], single.body["data"]);
}
