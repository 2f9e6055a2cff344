//! Pages by the cursor-pagination profile: forward and backward, with equal times among the rows.

use chrono::TimeDelta;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, ApiClient, TestApp, bad_parameter, enroll, group, time, workspace};

const PATH: &str = "/v1/workspace-group-workspaces";

/// Creates 45 enrollments, three at each time. Returns the group and the ids, newest first.
async fn forty_five(pool: &PgPool) -> (String, Vec<String>) {
    let group = group(pool, "EMEA").await;
    let mut rows = Vec::new();
    for number in 0..45 {
        let workspace = workspace(pool, &format!("Workspace {number}")).await;
        let at = time("2026-05-01T00:00:00Z") + TimeDelta::seconds(number / 3);
        rows.push((at, enroll(pool, &group, &workspace, at).await));
    }
    (group, rows.into_iter().rev().map(|(_, id)| id).collect())
}

fn link(answer: &Answer, name: &str) -> Option<String> {
    match &answer.body["links"][name] {
        Value::Null => None,
        link => Some(link.as_str().unwrap().to_owned()),
    }
}

/// Follows this link from page to page until it is null.
async fn follow(api: &ApiClient, from: &str, name: &str) -> Vec<Answer> {
    let mut pages = vec![api.get(from).await];
    while let Some(next) = link(pages.last().unwrap(), name) {
        assert!(pages.len() < 60, "the links never end");
        let page = api.get(&next).await;
        assert_eq!(page.status, 200, "{page:?}");
        assert_eq!(link(&page, "self").as_deref(), Some(next.as_str()));
        pages.push(page);
    }
    pages
}

#[database_test]
async fn each_row_is_on_one_page_in_both_directions(pool: PgPool) {
    let (_, all) = forty_five(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for size in [1, 2, 7, 20, 44, 45] {
        let forward = follow(&api, &format!("{PATH}?page[size]={size}"), "next").await;
        assert_eq!(forward.len(), 45_usize.div_ceil(size), "{size}");
        let ids: Vec<String> = forward.iter().flat_map(Answer::ids).collect();
        assert_eq!(ids, all, "{size}");
        assert_eq!(link(&forward[0], "prev"), None);

        let last = link(forward.last().unwrap(), "self").unwrap();
        let backward = follow(&api, &last, "prev").await;
        let ids: Vec<String> = backward.iter().rev().flat_map(Answer::ids).collect();
        assert_eq!(ids, all, "{size}");
        let first = backward.last().unwrap();
        if backward.len() > 1 {
            assert!(link(first, "next").is_some());
        }
    }
}

#[database_test]
async fn page_size_defaults_to_20_and_is_500_at_most(pool: PgPool) {
    let (_, all) = forty_five(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    assert_eq!(api.get(PATH).await.ids(), all[..20]);
    let whole = api.get(&format!("{PATH}?page[size]=500")).await;
    assert_eq!(whole.ids(), all);
    assert_eq!((link(&whole, "prev"), link(&whole, "next")), (None, None));

    for size in ["501", "1000", "65536", "99999999999999999999"] {
        let answer = api.get(&format!("{PATH}?page[size]={size}")).await;
        assert_eq!(answer.status, 400, "{size}");
        let error = &answer.body["errors"][0];
        assert_eq!(error["code"], "PAGE_SIZE_TOO_LARGE", "{size}");
        assert_eq!(error["source"], json!({ "parameter": "page[size]" }));
        assert_eq!(error["meta"]["page"], json!({ "maxSize": 500 }));
        assert_eq!(
            error["links"]["type"],
            "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/max-size-exceeded"
        );
    }
    for size in ["0", "000", "abc", "-1", "", "1.5", "%2B5", "5%20", "٣"] {
        let answer = api.get(&format!("{PATH}?page[size]={size}")).await;
        assert_eq!((answer.status, answer.errors()), (400, vec![bad_parameter("page[size]")]), "{size}");
    }
}

#[database_test]
async fn page_links_keep_the_parameters(pool: PgPool) {
    let (group, all) = forty_five(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    let from = format!("{PATH}?filter[workspace_group]={group}&include=workspace&page[size]=30");
    let pages = follow(&api, &from, "next").await;
    assert_eq!(pages.len(), 2);
    assert_eq!(pages[1].ids(), all[30..]);
    assert_eq!(pages[1].body["included"].as_array().unwrap().len(), 15);
}

#[database_test]
async fn pages_are_stable_while_rows_change(pool: PgPool) {
    let (group, all) = forty_five(&pool).await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let first = api.get(&format!("{PATH}?page[size]=10")).await;
    let next = link(&first, "next").unwrap();

    let newest = workspace(&pool, "Newest").await;
    api.enroll(&group, &newest).await;
    // The row of the cursor itself may be removed.
    api.delete(&format!("{PATH}/{}", all[9])).await;

    let second = api.get(&next).await;
    assert_eq!(second.ids(), all[10..20]);
    let back = api.get(&link(&second, "prev").unwrap()).await;
    let mut before: Vec<String> = all[..9].to_vec();
    before.insert(0, back.ids()[0].clone());
    assert_eq!(back.ids(), before);
}

#[database_test]
async fn cursor_is_opaque_and_valid_for_its_list_only(pool: PgPool) {
    let (_, _) = forty_five(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    let first = api.get(&format!("{PATH}?page[size]=10")).await;
    let next = link(&first, "next").unwrap();
    let (_, cursor) = next.split_once("page%5Bafter%5D=").unwrap();
    let mut touched = cursor.to_owned().into_bytes();
    touched[40] = if touched[40] == b'A' { b'B' } else { b'A' };
    let touched = String::from_utf8(touched).unwrap();

    for (base, cursor) in [
        (PATH, touched.as_str()),
        (PATH, &cursor[..cursor.len() - 4]),
        (PATH, ""),
        (PATH, "abc"),
        (PATH, "%25%00"),
        ("/v1/workspaces", cursor),
        ("/v1/people", cursor),
        ("/v1/workspace-groups", cursor),
    ] {
        for name in ["page[after]", "page[before]"] {
            let answer = api.get(&format!("{base}?{name}={cursor}")).await;
            assert_eq!(answer.status, 400, "{base} {cursor}");
            let (status, code, source) = answer.errors().remove(0);
            assert_eq!(status, "400");
            // A NUL is refused before the cursor is parsed.
            assert!(["INVALID_CURSOR", "INVALID_QUERY_PARAMETER"].contains(&code.as_str()));
            assert_eq!(source, json!({ "parameter": name }));
        }
    }
}

#[database_test]
async fn after_and_before_together_are_refused(pool: PgPool) {
    forty_five(&pool).await;
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    let first = api.get(&format!("{PATH}?page[size]=10")).await;
    let next = link(&first, "next").unwrap();
    let (_, cursor) = next.split_once("page%5Bafter%5D=").unwrap();
    let answer = api.get(&format!("{PATH}?page[after]={cursor}&page[before]={cursor}")).await;
    assert_eq!(answer.status, 400);
    let error = &answer.body["errors"][0];
    assert_eq!(error["code"], "INVALID_QUERY_PARAMETER");
    assert_eq!(
        error["links"]["type"],
        "https://jsonapi.org/profiles/ethanresnick/cursor-pagination/range-pagination-not-supported"
    );
}

#[database_test]
async fn all_lists_are_paged_alike(pool: PgPool) {
    for number in 0..5 {
        group(&pool, &format!("Group {number}")).await;
        workspace(&pool, &format!("Workspace {number}")).await;
        crate::support::person(&pool, "P", "Q", &format!("p{number}@example.com")).await;
    }
    for table in ["workspace_groups", "workspaces", "peoples"] {
        sqlx::raw_sql(&format!("UPDATE core_api.{table} SET created_at = '2026-05-01Z' WHERE pk < 4"))
            .execute(&pool)
            .await
            .unwrap();
    }
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for base in ["/v1/workspace-groups", "/v1/workspaces", "/v1/people"] {
        let all = api.get(base).await.ids();
        assert_eq!(all.len(), 5);
        let pages = follow(&api, &format!("{base}?page[size]=2"), "next").await;
        let ids: Vec<String> = pages.iter().flat_map(Answer::ids).collect();
        assert_eq!(ids, all, "{base}");
        let last = link(pages.last().unwrap(), "self").unwrap();
        let back = follow(&api, &last, "prev").await;
        let ids: Vec<String> = back.iter().rev().flat_map(Answer::ids).collect();
        assert_eq!(ids, all, "{base}");
    }
}
