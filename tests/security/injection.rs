//! Input that is code for another component: the database or the file system.

use groupdesk::ui::paths;
use pretty_assertions::assert_eq;
use reqwest::Method;
use sqlx::PgPool;

use super::access::{API, CHANGING, OPEN, PAGES, READING, rows};
use super::callers;
use super::fixtures::Fixtures;
use super::state::State;
use super::{forms, requests};
use crate::support::{Answer, Reply, TestApp, group, person, workspace};

/// The query parameters of the pages.
pub(super) const PARAMETERS: [&str; 39] = [
    "to",
    "keep",
    "as_of",
    "q",
    "find",
    "tab",
    "status",
    "sort",
    "grouped",
    "after",
    "before",
    "show",
    "person",
    "group",
    "workspace",
    "find_person",
    "find_group",
    "find_workspace",
    "nobody",
    "action",
    "source",
    "from",
    "until",
    "at",
    "earlier",
    "later",
    "change",
    "view",
    "zone",
    "from_day",
    "from_time",
    "at_day",
    "days",
    "all",
    "e",
    "back",
    "next",
    "expand",
    "%22",
];

/// Texts that end a statement, a string, a pattern, an identifier or a placeholder; text that Postgres
/// refuses, numbers that are too large, and invalid times.
const HOSTILE: [&str; 24] = [
    "'",
    "''; DROP TABLE groupdesk.operators; --",
    "' OR '1'='1",
    "\"",
    "$1",
    "$$; SELECT pg_sleep(10); $$",
    "\\",
    "\\'; --",
    "%",
    "_",
    "\u{0}",
    "a\u{0}b",
    "\u{feff}",
    "\u{202e}gnirts",
    "\u{fffd}\u{10ffff}",
    "\r\nSet-Cookie: groupdesk_session=evil",
    "99999999999999999999999999",
    "-1",
    "1e999",
    "0001-01-01",
    "294277-01-01T00:00:00Z",
    "-infinity",
    "2026-02-31T25:61:61Z",
    "00000000-0000-0000-0000-000000000000",
];

/// No parameter of any page causes a fault or a change.
#[database_test]
async fn page_parameters_are_only_text(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let (admin, fixtures) = (callers.last().unwrap(), Fixtures::make(&pool).await);
    let before = State::of(&pool).await;
    for row in rows(PAGES) {
        if row.method != Method::GET {
            continue;
        }
        let path = requests::path(&row, &fixtures);
        let sign = if path.contains('?') { '&' } else { '?' };
        for hostile in HOSTILE {
            // Independent parameters are sent together; then those that are evaluated first are sent alone.
            let value = paths::encode(hostile);
            let all: Vec<String> = PARAMETERS.iter().map(|name| format!("{name}={value}")).collect();
            let single = ["q", "find", "after", "at", "person"].map(|name| format!("{name}={value}"));
            for query in single.into_iter().chain([all.join("&")]) {
                let reply = Reply::read(admin.ask(&app, &Method::GET, &format!("{path}{sign}{query}"))).await;
                assert!(reply.status < 500, "{path}{sign}{query}: {}", reply.text);
                assert!(
                    !reply.headers.contains_key("set-cookie") || !reply.header("set-cookie").contains("evil")
                );
            }
        }
    }
    assert_eq!(State::of(&pool).await.changed_since(&before), Vec::<&str>::new());
}

#[database_test]
async fn function_fields_are_only_text(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let (admin, fixtures) = (callers.last().unwrap(), Fixtures::make(&pool).await);
    for row in [READING, CHANGING, OPEN].into_iter().flat_map(rows) {
        if !row.path.starts_with(paths::FUNCTIONS) || ["sign-in", "password-change"].contains(&row.function())
        {
            continue;
        }
        let is_read = row.path.ends_with("-read");
        let good = if is_read {
            forms::read_fields(row.function(), &fixtures)
        } else {
            forms::change_fields(&pool, row.function(), &fixtures, "").await
        };
        for hostile in HOSTILE {
            for index in 0..good.len() {
                let mut fields = good.clone();
                hostile.clone_into(&mut fields[index].1);
                let request =
                    admin.ask(&app, &Method::POST, &row.path).header("sec-fetch-site", "same-origin");
                let request = if is_read { request } else { request.header("accept", "text/html") };
                let reply = Reply::read(request.form(&fields)).await;
                let context = format!("{} with {}={hostile:?}: {reply:?}", row.name(), fields[index].0);
                assert!(reply.status < 500, "{context}");
            }
        }
        admin.sign_in(&app).await;
    }
    let operators: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.operators").fetch_one(&pool).await.unwrap();
    assert!(operators > 5);
}

/// Missing or unreadable arguments are reported as an error of the caller, not of the server.
#[database_test]
async fn unreadable_function_arguments_are_400(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let admin = callers.last().unwrap();
    for (function, body) in [
        ("group-candidates-read", "workspace=x&search=y"),
        ("candidates-read", ""),
        ("candidates-read", "group=x&search=y"),
        ("candidates-read", "group[]=x&group[a][b][c][d][e][f][g][h]=y"),
        ("search-read", ""),
        ("enrollments-remove", "enrollments=x&enrollments[0]=y"),
        ("group-create", ""),
        ("enrollment-remove", "%ff=%fe"),
    ] {
        for accept in ["*/*", "text/html"] {
            let request = admin
                .ask(&app, &Method::POST, &format!("{}/{function}", paths::FUNCTIONS))
                .header("sec-fetch-site", "same-origin")
                .header("accept", accept)
                .header("content-type", "application/x-www-form-urlencoded");
            let reply = Reply::read(request.body(body)).await;
            // A malformed form leads to a page with a message.
            let expected: &[u16] = if accept == "text/html" { &[302, 400] } else { &[400] };
            assert!(expected.contains(&reply.status), "{function} {body} {accept}: {reply:?}");
        }
    }
}

#[database_test]
async fn api_parameters_are_only_text(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::api_callers(&app).await;
    let (api, fixtures) = (callers.last().unwrap(), Fixtures::make(&pool).await);
    let names = [
        "filter[q]",
        "filter[email]",
        "filter[status]",
        "filter[workspace]",
        "filter[created_by]",
        "filter[external_workspace_id]",
        "filter[created_at][gte]",
        "filter[as_of]",
        "filter[action]",
        "sort",
        "include",
        "fields[workspace]",
        "page[size]",
        "page[after]",
    ];
    let before = State::of(&pool).await;
    for row in rows(API) {
        if row.method != Method::GET {
            continue;
        }
        let path = requests::path(&row, &fixtures);
        for hostile in HOSTILE {
            for name in names {
                let request = api.ask(&app, &Method::GET, &path).query(&[(name, hostile)]);
                let answer = Reply::read(request).await;
                assert!(answer.status < 500, "{path} {name}={hostile:?}: {answer:?}");
                assert_eq!(answer.header("set-cookie"), "");
            }
            let place = format!("{path}/{}", paths::encode(hostile));
            let answer = Reply::read(api.ask(&app, &Method::GET, &place)).await;
            assert!(answer.status < 500, "{place}: {answer:?}");
        }
    }
    assert_eq!(State::of(&pool).await.changed_since(&before), Vec::<&str>::new());
}

/// Path segments that are not valid text, or lead out of a directory.
#[database_test]
async fn paths_cannot_escape_the_site(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let api = app.api_client(&["read"]).await;
    for segment in [
        "%00",
        "%ff",
        "%c0%ae%c0%ae",
        "..%2f..%2f..%2fetc%2fpasswd",
        "..%5c..%5cetc%5cpasswd",
        "%252e%252e%252fetc%252fpasswd",
        "a%0d%0aSet-Cookie:%20x=y",
        "{id}",
        "%7bid%7d",
    ] {
        for before in
            ["", "/groups", "/workspaces", "/tokens", "/invite", "/pkg", "/pkg/x", "/audit", "/api/fn"]
        {
            let path = format!("{before}/{segment}");
            for caller in [&callers[0], callers.last().unwrap()] {
                let reply = Reply::read(caller.ask(&app, &Method::GET, &path)).await;
                assert!([303, 400, 404, 405].contains(&reply.status), "{path}: {}", reply.status);
                assert!(!reply.text.contains("root:"), "{path}");
                assert!(
                    reply.status != 303 || reply.header("location").starts_with("/login?next=/"),
                    "{path}"
                );
            }
        }
        let answer = api.get(&format!("/v1/workspaces/{segment}")).await;
        assert_eq!(answer.status, 404, "{segment}");
    }
}

/// Pattern characters are literal: `%` finds names that contain it, not everything.
#[database_test]
async fn pattern_characters_are_literal(pool: PgPool) {
    let names = ["Plain", "100% Wool", "under_score", "back\\slash", "O'Hara", "semi;colon--", "dollar$1"];
    for name in names {
        workspace(&pool, name).await;
        group(&pool, name).await;
        person(&pool, "Ana", name, &format!("{}@example.com", name.len())).await;
    }
    let app = TestApp::start(pool).await;
    let api = app.api_client(&["read"]).await;
    for (sign, holds) in
        [("%", 1), ("_", 2), ("\\", 3), ("'", 4), (";", 5), ("--", 5), ("$1", 6), ("%%", 9), ("\\_", 9)]
    {
        for noun in ["workspaces", "workspace-groups", "people"] {
            let request = api.request(Method::GET, &format!("/v1/{noun}")).query(&[("filter[q]", sign)]);
            let answer = Answer::read(request).await;
            let found: Vec<&str> = answer.body["data"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|item| {
                    item["attributes"].get("name").or_else(|| item["attributes"].get("last_name"))
                })
                .filter_map(|name| name.as_str())
                .collect();
            assert_eq!(found, names.get(holds).copied().into_iter().collect::<Vec<_>>(), "{noun} {sign}");
        }
    }
}
