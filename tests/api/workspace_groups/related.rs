//! `GET /v1/workspace-groups/{id}/relationships/created_by` and `…/{id}/created_by`

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{TestApp, group, person};

#[database_test]
async fn creator_is_available_at_both_links(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let app = TestApp::start(pool).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let created = by_ana.create_group("EMEA").await;
    let this = created.header("location");

    let linkage = by_ana.get(&format!("{this}/relationships/created_by")).await;
    assert_eq!(
        linkage.body,
        json!({ "data": { "type": "people", "id": ana }, "links": {
            "self": format!("{this}/relationships/created_by"),
            "related": format!("{this}/created_by")
        }})
    );
    let related = by_ana.get(&format!("{this}/created_by")).await;
    assert_eq!(related.body["data"], by_ana.get(&format!("/v1/people/{ana}")).await.body["data"]);
    assert_eq!(related.body["links"], json!({ "self": format!("{this}/created_by") }));
}

#[database_test]
async fn missing_creator_is_null_and_unknown_group_404(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for path in ["relationships/created_by", "created_by"] {
        let answer = api.get(&format!("/v1/workspace-groups/{emea}/{path}")).await;
        assert_eq!((answer.status, &answer.body["data"]), (200, &Value::Null));
        let answer = api.get(&format!("/v1/workspace-groups/42/{path}")).await;
        assert_eq!(answer.status, 404);
        assert_eq!(answer.errors()[0].1, "WORKSPACE_GROUP_NOT_FOUND");
    }
}
