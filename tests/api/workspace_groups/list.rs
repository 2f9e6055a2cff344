//! `GET /v1/workspace-groups`

use pretty_assertions::assert_eq;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{TestApp, group};

#[database_test]
async fn live_groups_are_listed_newest_first(pool: PgPool) {
    let mut ids = Vec::new();
    for name in ["EMEA", "APAC", "Gone"] {
        ids.push(group(&pool, name).await);
    }
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    api.delete(&format!("/v1/workspace-groups/{}", ids[2])).await;

    let answer = api.get("/v1/workspace-groups").await;

    assert_eq!(answer.ids(), [ids[1].clone(), ids[0].clone()]);
    let here = "/v1/workspace-groups";
    assert_eq!(answer.body["links"], json!({ "self": here, "first": here, "prev": null, "next": null }));
    let single = api.get(&format!("/v1/workspace-groups/{}", ids[1])).await;
    assert_eq!(answer.body["data"][0], single.body["data"]);
}

#[database_test]
async fn search_matches_names_in_any_case(pool: PgPool) {
    for name in ["EMEA pilot", "Pilots of 50%", "São Paulo", "snake_case", "ΟΔΟΣ"] {
        group(&pool, name).await;
    }
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for (search, found) in [
        ("pilot", vec!["Pilots of 50%", "EMEA pilot"]),
        ("PILOT", vec!["Pilots of 50%", "EMEA pilot"]),
        ("SÃO", vec!["São Paulo"]),
        // Postgres folds the case; other implementations end the word with another sigma.
        ("ΟΔΟΣ", vec!["ΟΔΟΣ"]),
        // Pattern characters are literal.
        ("%25", vec!["Pilots of 50%"]),
        ("_", vec!["snake_case"]),
        ("%5C", vec![]),
        ("nothing", vec![]),
        ("'; DROP TABLE", vec![]),
    ] {
        let answer = api.get(&format!("/v1/workspace-groups?filter[q]={search}")).await;
        assert_eq!(answer.status, 200, "{search}: {answer:?}");
        let names: Vec<&str> = answer.body["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|group| group["attributes"]["name"].as_str().unwrap())
            .collect();
        assert_eq!(names, found, "{search}");
    }
}
