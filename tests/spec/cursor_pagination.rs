//! The cursor-pagination profile.

use chrono::TimeDelta;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{ENROLLMENTS, GROUPS, LISTS, PROFILE, WORKSPACES, assert_refused, parameter, scene};
use crate::support::{Answer, ApiClient, TestApp, enroll, group, time, workspace};

/// A server with this many workspaces, all created at the same time, and a client that reads them.
async fn workspaces(pool: PgPool, count: usize) -> (TestApp, ApiClient) {
    for number in 0..count {
        workspace(&pool, &format!("Workspace {number:02}")).await;
    }
    sqlx::query("UPDATE core_api.workspaces SET created_at = $1")
        .bind(time("2026-05-01T00:00:00Z"))
        .execute(&pool)
        .await
        .unwrap();
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["write"]).await;
    (app, api)
}

fn link(answer: &Answer, name: &str) -> Option<String> {
    let link = answer.body["links"].get(name).unwrap_or_else(|| panic!("no {name} in {answer:?}"));
    link.as_str().map(str::to_owned)
}

/// The cursor in a link.
fn cursor(answer: &Answer, name: &str) -> String {
    let url = format!("http://desk.example.com{}", link(answer, name).expect("a link"));
    let url = reqwest::Url::parse(&url).unwrap();
    let is_cursor = |name: &str| name == "page[after]" || name == "page[before]";
    let mut cursors = url.query_pairs().filter(|(name, _)| is_cursor(name));
    cursors.next().expect("a cursor").1.into_owned()
}

/// All pages from this one on.
async fn pages(api: &ApiClient, first: &str, direction: &str) -> Vec<Answer> {
    let mut pages = vec![api.get(first).await];
    while let Some(next) = link(pages.last().unwrap(), direction) {
        assert!(pages.len() < 40, "the links never end");
        pages.push(api.get(&next).await);
    }
    pages
}

fn all_ids(pages: &[Answer]) -> Vec<String> {
    pages.iter().flat_map(Answer::ids).collect()
}

#[database_test]
async fn ambiguous_orders_are_made_unique(pool: PgPool) {
    let (_desk, api) = workspaces(pool, 7).await;
    for sort in ["created_at", "-created_at", "updated_at", "deleted_at,created_at"] {
        let whole = api.get(&format!("{WORKSPACES}?sort={sort}")).await.ids();
        assert_eq!(whole.len(), 7);
        for size in [1, 2, 3] {
            let path = format!("{WORKSPACES}?sort={sort}&page[size]={size}");
            let forward = pages(&api, &path, "next").await;
            assert_eq!(all_ids(&forward), whole, "{path}");
            let last = link(forward.last().unwrap(), "self").unwrap();
            let mut backward = pages(&api, &last, "prev").await;
            backward.reverse();
            assert_eq!(all_ids(&backward), whole, "{path}");
        }
    }
}

#[database_test]
async fn linkage_is_ordered(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let acme = workspace(&pool, "Acme").await;
    let at = time("2026-05-01T00:00:00Z");
    for number in 0..5 {
        let one = workspace(&pool, &format!("Workspace {number}")).await;
        // Two workspaces each have the same time.
        enroll(&pool, &emea, &one, at + TimeDelta::seconds(number / 2)).await;
        let other = group(&pool, &format!("Group {number}")).await;
        enroll(&pool, &other, &acme, at + TimeDelta::seconds(number / 2)).await;
    }
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for path in [
        format!("{GROUPS}/{emea}/relationships/workspaces"),
        format!("{GROUPS}/{emea}/workspaces"),
        format!("{WORKSPACES}/{acme}/relationships/workspace_groups"),
        format!("{WORKSPACES}/{acme}/workspace_groups"),
    ] {
        let whole = api.get(&path).await.ids();
        assert_eq!(whole.len(), 5, "{path}");
        assert_eq!(api.get(&path).await.ids(), whole, "{path}");
        for size in [1, 2] {
            let first = format!("{path}?page[size]={size}");
            assert_eq!(all_ids(&pages(&api, &first, "next").await), whole, "{first}");
        }
    }
}

#[database_test]
async fn unsupported_sort_is_the_profiles_error(pool: PgPool) {
    let scene = scene(pool).await;
    let mut paths: Vec<String> = LISTS.map(str::to_owned).to_vec();
    // Relationships have a fixed order, which the client cannot change.
    paths.push(format!("{}/workspaces", scene.group_path()));
    paths.push(scene.members_path());
    for path in paths {
        let answer = scene.api.get(&format!("{path}?page[size]=1&sort=color")).await;
        assert_refused(&answer, 400, "INVALID_QUERY_PARAMETER", parameter("sort"));
        let expected = format!("{PROFILE}/unsupported-sort");
        assert_eq!(answer.body["errors"][0]["links"]["type"], expected.as_str(), "{path}");
    }
}

#[database_test]
async fn page_size_is_a_positive_decimal_number(pool: PgPool) {
    let (_desk, api) = workspaces(pool, 12).await;
    for size in ["0", "00", "-1", "1.5", "0x2", "1e1", "ten", "", "%2B2", "2%20", "%D9%A3"] {
        let answer = api.get(&format!("{WORKSPACES}?page[size]={size}")).await;
        assert_refused(&answer, 400, "INVALID_QUERY_PARAMETER", parameter("page[size]"));
    }
    for (size, count) in [("1", 1), ("03", 3), ("010", 10), ("0000000000000000000011", 11)] {
        let answer = api.get(&format!("{WORKSPACES}?page[size]={size}")).await;
        assert_eq!((answer.status, answer.ids().len()), (200, count), "{size}");
    }
}

#[database_test]
async fn page_size_over_the_maximum_is_the_profiles_error(pool: PgPool) {
    let scene = scene(pool).await;
    for path in LISTS.into_iter().chain([scene.members_path().as_str()]) {
        assert_eq!(scene.api.get(&format!("{path}?page[size]=500")).await.status, 200, "{path}");
        let answer = scene.api.get(&format!("{path}?page[size]=501")).await;
        assert_refused(&answer, 400, "PAGE_SIZE_TOO_LARGE", parameter("page[size]"));
        let error = &answer.body["errors"][0];
        assert_eq!(error["meta"]["page"], json!({ "maxSize": 500 }));
        assert_eq!(error["links"]["type"], format!("{PROFILE}/max-size-exceeded").as_str());
    }
}

#[database_test]
async fn page_size_is_as_requested_or_twenty(pool: PgPool) {
    let (_desk, api) = workspaces(pool, 25).await;
    for (query, counts) in [
        ("", vec![20, 5]),
        ("page[size]=20", vec![20, 5]),
        ("page[size]=7", vec![7, 7, 7, 4]),
        ("page[size]=24", vec![24, 1]),
        ("page[size]=25", vec![25]),
        ("page[size]=26", vec![25]),
    ] {
        let forward = pages(&api, &format!("{WORKSPACES}?{query}"), "next").await;
        let found: Vec<usize> = forward.iter().map(|page| page.ids().len()).collect();
        assert_eq!(found, counts, "{query}");
    }
    // In the other direction the incomplete page is the first one.
    let last = api.get(&format!("{WORKSPACES}?page[size]=24")).await;
    let last = api.get(&link(&last, "next").unwrap()).await;
    let path = format!("{WORKSPACES}?page[size]=10&page[before]={}", cursor(&last, "prev"));
    let found: Vec<usize> = pages(&api, &path, "prev").await.iter().map(|page| page.ids().len()).collect();
    assert_eq!(found, [10, 10, 4]);
}

#[database_test]
async fn invalid_cursors_are_400(pool: PgPool) {
    let (_desk, api) = workspaces(pool, 3).await;
    let first = api.get(&format!("{WORKSPACES}?page[size]=1")).await;
    let good = cursor(&first, "next");
    let cut = &good[..good.len() - 2];
    for name in ["page[after]", "page[before]"] {
        for wrong in ["", "x", "AAAA", cut, "00000000-0000-4000-8000-000000000000"] {
            let answer = api.get(&format!("{WORKSPACES}?{name}={wrong}")).await;
            assert_refused(&answer, 400, "INVALID_CURSOR", parameter(name));
        }
    }
}

#[database_test]
async fn page_after_a_cursor_begins_with_the_next_item(pool: PgPool) {
    let (_desk, api) = workspaces(pool, 5).await;
    let all = api.get(WORKSPACES).await.ids();
    let second = api.get(&format!("{WORKSPACES}?page[size]=2")).await;
    let after = format!("page[after]={}", cursor(&second, "next"));
    for (size, expected) in [(1, &all[2..3]), (2, &all[2..4]), (20, &all[2..])] {
        let answer = api.get(&format!("{WORKSPACES}?{after}&page[size]={size}")).await;
        assert_eq!(answer.ids(), expected, "{size}");
    }
    // The row of the cursor may be gone, and no rows may follow it.
    api.delete(&format!("{WORKSPACES}/{}", all[1])).await;
    assert_eq!(api.get(&format!("{WORKSPACES}?{after}")).await.ids(), all[2..]);
    for id in &all[2..] {
        api.delete(&format!("{WORKSPACES}/{id}")).await;
    }
    let answer = api.get(&format!("{WORKSPACES}?{after}")).await;
    assert_eq!((answer.status, &answer.body["data"], link(&answer, "next")), (200, &json!([]), None));
}

#[database_test]
async fn page_before_a_cursor_ends_with_the_item_before_it(pool: PgPool) {
    let (_desk, api) = workspaces(pool, 5).await;
    let all = api.get(WORKSPACES).await.ids();
    let first = api.get(&format!("{WORKSPACES}?page[size]=3")).await;
    let second = api.get(&link(&first, "next").unwrap()).await;
    let before = format!("page[before]={}", cursor(&second, "prev"));
    for (size, expected) in [(1, &all[2..3]), (2, &all[1..3]), (20, &all[..3])] {
        let answer = api.get(&format!("{WORKSPACES}?{before}&page[size]={size}")).await;
        assert_eq!(answer.ids(), expected, "{size}");
    }
    api.delete(&format!("{WORKSPACES}/{}", all[3])).await;
    assert_eq!(api.get(&format!("{WORKSPACES}?{before}")).await.ids(), all[..3]);
    for id in &all[..3] {
        api.delete(&format!("{WORKSPACES}/{id}")).await;
    }
    let answer = api.get(&format!("{WORKSPACES}?{before}")).await;
    assert_eq!((answer.status, &answer.body["data"], link(&answer, "prev")), (200, &json!([]), None));
}

#[database_test]
async fn page_without_a_cursor_is_the_first(pool: PgPool) {
    let (_desk, api) = workspaces(pool, 3).await;
    for sort in ["", "&sort=name", "&sort=-name"] {
        let all = api.get(&format!("{WORKSPACES}?page[size]=3{sort}")).await.ids();
        for size in [1, 2, 3] {
            let answer = api.get(&format!("{WORKSPACES}?page[size]={size}{sort}")).await;
            assert_eq!(answer.ids(), all[..size], "{sort}");
        }
    }
    for path in [ENROLLMENTS, GROUPS] {
        let answer = api.get(&format!("{path}?page[size]=1")).await;
        assert_eq!((answer.status, &answer.body["data"]), (200, &json!([])));
    }
}

#[database_test]
async fn range_pagination_is_the_profiles_error(pool: PgPool) {
    let (_desk, api) = workspaces(pool, 3).await;
    let first = api.get(&format!("{WORKSPACES}?page[size]=1")).await;
    let second = api.get(&link(&first, "next").unwrap()).await;
    let (after, before) = (cursor(&first, "next"), cursor(&second, "prev"));
    let answer = api.get(&format!("{WORKSPACES}?page[after]={after}&page[before]={before}")).await;
    assert_eq!((answer.status, answer.errors().len()), (400, 1));
    let expected = format!("{PROFILE}/range-pagination-not-supported");
    assert_eq!(answer.body["errors"][0]["links"]["type"], expected.as_str());
}

#[database_test]
async fn page_meta_is_an_object(pool: PgPool) {
    let (_desk, api) = workspaces(pool, 3).await;
    let answer = api.get(&format!("{WORKSPACES}?page[size]=2&page[total]=true")).await;
    assert_eq!((answer.ids().len(), &answer.body["meta"]), (2, &json!({ "page": { "total": 3 } })));
    let plain = api.get(&format!("{WORKSPACES}?page[size]=2")).await;
    assert!(plain.body.pointer("/meta/page").is_none_or(Value::is_object));
}

#[database_test]
async fn pages_have_prev_and_next_links(pool: PgPool) {
    let scene = scene(pool).await;
    for path in LISTS.into_iter().map(str::to_owned).chain([
        scene.members_path(),
        format!("{}/workspaces", scene.group_path()),
        format!("{}/workspace_groups", scene.workspace_path()),
        format!("{}/relationships/workspace_groups", scene.workspace_path()),
    ]) {
        let answer = scene.api.get(&path).await;
        assert_eq!((link(&answer, "prev"), link(&answer, "next")), (None, None), "{path}");
    }
}

#[database_test]
async fn first_and_last_page_have_null_links(pool: PgPool) {
    let (_desk, api) = workspaces(pool, 6).await;
    let ends = |answer: &Answer| (link(answer, "prev").is_some(), link(answer, "next").is_some());
    for (size, count) in [(1, 6), (2, 3), (3, 2), (5, 2), (6, 1), (7, 1)] {
        let path = format!("{WORKSPACES}?page[size]={size}");
        let forward = pages(&api, &path, "next").await;
        assert_eq!(forward.len(), count, "{size}");
        for (index, page) in forward.iter().enumerate() {
            assert!(!page.ids().is_empty());
            assert_eq!(ends(page), (index > 0, index + 1 < count), "{size} {index}");
        }
        // The same holds for the way back from the last page.
        let last = link(forward.last().unwrap(), "self").unwrap();
        let backward = pages(&api, &last, "prev").await;
        assert!(backward.iter().all(|page| !page.ids().is_empty()), "{size}");
        assert_eq!(link(backward.last().unwrap(), "prev"), None, "{size}");
    }
}
