//! "Pagination", with any strategy; the cursor strategy is tested in `cursor_pagination.rs`.

use pretty_assertions::assert_eq;
use serde_json::Value;
use sqlx::PgPool;

use super::{GROUPS, LISTS, WORKSPACES, assert_refused, names, parameter, scene};
use crate::support::{TestApp, workspace};

#[database_test]
async fn page_links_are_links_of_their_collection(pool: PgPool) {
    let scene = scene(pool).await;
    for path in LISTS {
        let answer = scene.api.get(path).await;
        assert_eq!(names(&answer.body["links"]), ["first", "next", "prev", "self"], "{path}");
    }
    for path in [
        format!("{}/relationships/workspaces", scene.group_path()),
        format!("{}/relationships/workspace_groups", scene.workspace_path()),
    ] {
        let answer = scene.api.get(&path).await;
        assert_eq!(names(&answer.body["links"]), ["first", "next", "prev", "related", "self"], "{path}");
    }
    for path in scene.singles().await {
        let answer = scene.api.get(&path).await;
        assert_eq!(names(&answer.body["links"]), ["self"], "{path}");
    }
}

#[database_test]
async fn missing_pages_have_null_links(pool: PgPool) {
    let scene = scene(pool).await;
    for path in LISTS {
        let answer = scene.api.get(path).await;
        let links = &answer.body["links"];
        assert_eq!((links.get("prev"), links.get("next")), (Some(&Value::Null), Some(&Value::Null)));
    }
    workspace(&scene.app.pool, "Beta").await;
    let first = scene.api.get(&format!("{WORKSPACES}?page[size]=1")).await;
    assert_eq!(first.body["links"]["prev"], Value::Null);
    let last = scene.api.get(first.body["links"]["next"].as_str().unwrap()).await;
    assert_eq!(last.body["links"]["next"], Value::Null);
    assert!(last.body["links"]["prev"].is_string());
}

#[database_test]
async fn pages_follow_the_requested_order(pool: PgPool) {
    for name in ["Beta", "Delta", "Acme", "Cobalt"] {
        workspace(&pool, name).await;
    }
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for (sort, expected) in
        [("name", ["Acme", "Beta", "Cobalt", "Delta"]), ("-name", ["Delta", "Cobalt", "Beta", "Acme"])]
    {
        let mut found = Vec::new();
        let mut page = api.get(&format!("{WORKSPACES}?sort={sort}&page[size]=1")).await;
        let mut back = Vec::new();
        loop {
            found.push(page.body["data"][0]["attributes"]["name"].clone());
            if let Some(prev) = page.body["links"]["prev"].as_str() {
                let prev = api.get(prev).await;
                back.push(prev.body["data"][0]["attributes"]["name"].clone());
            }
            let Some(next) = page.body["links"]["next"].as_str().map(str::to_owned) else { break };
            assert!(found.len() < 9, "the links never end");
            page = api.get(&next).await;
        }
        assert_eq!((found.as_slice(), back.as_slice()), (&expected.map(Value::from)[..], &found[..3]));
    }
}

#[database_test]
async fn only_the_page_family_selects_pages(pool: PgPool) {
    let scene = scene(pool).await;
    workspace(&scene.app.pool, "Beta").await;
    let one = scene.api.get(&format!("{WORKSPACES}?page[size]=1")).await;
    assert_eq!(one.ids().len(), 1);
    assert!(one.body["links"]["next"].as_str().unwrap().contains("page%5Bafter%5D="));
    for name in ["limit", "offset", "size", "cursor", "page", "page[number]", "page[offset]", "page[]"] {
        let answer = scene.api.get(&format!("{GROUPS}?{name}=1")).await;
        assert_refused(&answer, 400, "INVALID_QUERY_PARAMETER", parameter(name));
    }
}
