//! `GET …/{id}/relationships/{name}` and `GET …/{id}/{name}`

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{TestApp, enroll, group, person, time, workspace};

#[database_test]
async fn relationship_and_related_links_can_be_followed(pool: PgPool) {
    let ana = person(&pool, "Ana", "Lima", "ana@example.com").await;
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let app = TestApp::start(pool).await;
    let by_ana = app.api_client_for("ana@example.com", &["write"]).await;
    let enrolled = by_ana.enroll(&emea, &acme).await;
    let this = enrolled.header("location");

    for (name, kind, id, own) in [
        ("workspace_group", "workspace_group", &emea, "/v1/workspace-groups"),
        ("workspace", "workspace", &acme, "/v1/workspaces"),
        ("created_by", "people", &ana, "/v1/people"),
    ] {
        let links = &enrolled.body["data"]["relationships"][name]["links"];
        let linkage = by_ana.get(links["self"].as_str().unwrap()).await;
        assert_eq!(linkage.status, 200);
        assert_eq!(
            linkage.body,
            json!({ "data": { "type": kind, "id": id }, "links": {
                "self": format!("{this}/relationships/{name}"),
                "related": format!("{this}/{name}")
            }})
        );
        let related = by_ana.get(links["related"].as_str().unwrap()).await;
        assert_eq!(related.status, 200);
        assert_eq!(related.body["links"], json!({ "self": format!("{this}/{name}") }));
        let at_home = by_ana.get(&format!("{own}/{id}")).await;
        assert_eq!(related.body["data"], at_home.body["data"]);
    }
}

#[database_test]
async fn missing_creator_is_null_at_both_links(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let id = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for path in ["relationships/created_by", "created_by"] {
        let answer = api.get(&format!("/v1/workspace-group-workspaces/{id}/{path}")).await;
        assert_eq!((answer.status, &answer.body["data"]), (200, &Value::Null));
        assert!(answer.body.as_object().unwrap().contains_key("data"));
    }
}

#[database_test]
async fn unknown_relationship_or_enrollment_is_404(pool: PgPool) {
    let (emea, acme) = (group(&pool, "EMEA").await, workspace(&pool, "Acme").await);
    let id = enroll(&pool, &emea, &acme, time("2026-05-01T00:00:00Z")).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for (path, code) in [
        (format!("{id}/owner"), "NOT_FOUND"),
        (format!("{id}/relationships/owner"), "NOT_FOUND"),
        (format!("{emea}/workspace"), "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND"),
        ("42/relationships/workspace".to_owned(), "WORKSPACE_GROUP_WORKSPACE_NOT_FOUND"),
    ] {
        let answer = api.get(&format!("/v1/workspace-group-workspaces/{path}")).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.errors()[0].1, code, "{path}");
    }
}
