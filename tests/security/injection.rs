//! Text that comes in and is code to somebody further on: to the database, to a file system.

use groupdesk::ui::paths;
use pretty_assertions::assert_eq;
use reqwest::Method;
use sqlx::PgPool;

use super::access::{API, CHANGING, OPEN, PAGES, READING, rows};
use super::callers;
use super::state::State;
use super::things::Things;
use super::{deeds, forms};
use crate::support::{Answer, Desk, Reply, group, person, workspace};

/// What the pages' addresses may say.
pub(super) const PARAMETERS: [&str; 36] = [
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

/// To end a statement, a string, a pattern, an identifier, a placeholder; and what is no text to Postgres, no
/// number that fits, no moment that there is.
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

/// Neither a fault nor a change, whatever is asked of whatever page.
#[database_test]
async fn no_parameter_of_a_page_is_more_than_text(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let callers = callers::of_the_pages(&desk).await;
    let (admin, things) = (callers.last().unwrap(), Things::make(&pool).await);
    let before = State::of(&pool).await;
    for row in rows(PAGES) {
        if row.method != Method::GET {
            continue;
        }
        let path = deeds::path(&row, &things);
        let sign = if path.contains('?') { '&' } else { '?' };
        for hostile in HOSTILE {
            // All at once where they do not depend on one another; then each of those that are read first.
            let value = paths::encode(hostile);
            let all: Vec<String> = PARAMETERS.iter().map(|name| format!("{name}={value}")).collect();
            let single = ["q", "find", "after", "at", "person"].map(|name| format!("{name}={value}"));
            for query in single.into_iter().chain([all.join("&")]) {
                let reply =
                    Reply::read(admin.ask(&desk, &Method::GET, &format!("{path}{sign}{query}"))).await;
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
async fn no_field_of_a_function_is_more_than_text(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let callers = callers::of_the_pages(&desk).await;
    let (admin, things) = (callers.last().unwrap(), Things::make(&pool).await);
    for row in [READING, CHANGING, OPEN].into_iter().flat_map(rows) {
        if !row.path.starts_with(paths::FUNCTIONS) || ["sign-in", "password-change"].contains(&row.function())
        {
            continue;
        }
        let is_read = row.path.ends_with("-read");
        let good = if is_read {
            forms::reading(row.function(), &things)
        } else {
            forms::changing(&pool, row.function(), &things, "").await
        };
        for hostile in HOSTILE {
            for index in 0..good.len() {
                let mut fields = good.clone();
                hostile.clone_into(&mut fields[index].1);
                let request =
                    admin.ask(&desk, &Method::POST, &row.path).header("sec-fetch-site", "same-origin");
                let request = if is_read { request } else { request.header("accept", "text/html") };
                let reply = Reply::read(request.form(&fields)).await;
                let told = format!("{} with {}={hostile:?}: {reply:?}", row.name(), fields[index].0);
                assert!(reply.status < 500, "{told}");
            }
        }
        admin.sign_in(&desk).await;
    }
    let operators: i64 =
        sqlx::query_scalar("SELECT count(*) FROM groupdesk.operators").fetch_one(&pool).await.unwrap();
    assert!(operators > 5);
}

/// A function that is called without what it needs, or with what it does not read, says so as a caller's
/// mistake: nothing of ours is broken.
#[database_test]
async fn a_function_that_cannot_read_what_it_is_sent_says_400(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let callers = callers::of_the_pages(&desk).await;
    let admin = callers.last().unwrap();
    for (function, body) in [
        ("group-read", ""),
        ("group-read", "group=x"),
        ("members-read", "group[]=x&group[a][b][c][d][e][f][g][h]=y"),
        ("workspace-enrollments-read", "workspace=00000000-0000-4000-8000-000000000000&live=perhaps"),
        ("overview-read", "days=-1"),
        ("overview-read", "days=99999"),
        ("enrollments-remove", "enrollments=x&enrollments[0]=y"),
        ("group-create", ""),
        ("enrollment-remove", "%ff=%fe"),
    ] {
        for accept in ["*/*", "text/html"] {
            let request = admin
                .ask(&desk, &Method::POST, &format!("{}/{function}", paths::FUNCTIONS))
                .header("sec-fetch-site", "same-origin")
                .header("accept", accept)
                .header("content-type", "application/x-www-form-urlencoded");
            let reply = Reply::read(request.body(body)).await;
            // A form that no page of ours has goes on to one that says so.
            let expected: &[u16] = if accept == "text/html" { &[302, 400] } else { &[400] };
            assert!(expected.contains(&reply.status), "{function} {body} {accept}: {reply:?}");
        }
    }
}

#[database_test]
async fn no_parameter_of_the_api_is_more_than_text(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let callers = callers::of_the_api(&desk).await;
    let (machine, things) = (callers.last().unwrap(), Things::make(&pool).await);
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
        let path = deeds::path(&row, &things);
        for hostile in HOSTILE {
            for name in names {
                let request = machine.ask(&desk, &Method::GET, &path).query(&[(name, hostile)]);
                let answer = Reply::read(request).await;
                assert!(answer.status < 500, "{path} {name}={hostile:?}: {answer:?}");
                assert_eq!(answer.header("set-cookie"), "");
            }
            let place = format!("{path}/{}", paths::encode(hostile));
            let answer = Reply::read(machine.ask(&desk, &Method::GET, &place)).await;
            assert!(answer.status < 500, "{place}: {answer:?}");
        }
    }
    assert_eq!(State::of(&pool).await.changed_since(&before), Vec::<&str>::new());
}

/// Bytes in a path that are no text, or a way out of a folder.
#[database_test]
async fn no_path_leads_out_of_the_desk(pool: PgPool) {
    let desk = Desk::start(pool.clone()).await;
    let callers = callers::of_the_pages(&desk).await;
    let machine = desk.machine(&["read"]).await;
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
                let reply = Reply::read(caller.ask(&desk, &Method::GET, &path)).await;
                assert!([303, 400, 404, 405].contains(&reply.status), "{path}: {}", reply.status);
                assert!(!reply.text.contains("root:"), "{path}");
                assert!(
                    reply.status != 303 || reply.header("location").starts_with("/login?next=/"),
                    "{path}"
                );
            }
        }
        let answer = machine.get(&format!("/v1/workspaces/{segment}")).await;
        assert_eq!(answer.status, 404, "{segment}");
    }
}

/// The signs of a pattern are signs of a name: `%` finds what has one, not everything.
#[database_test]
async fn the_signs_of_a_pattern_are_looked_for(pool: PgPool) {
    let names = ["Plain", "100% Wool", "under_score", "back\\slash", "O'Hara", "semi;colon--", "dollar$1"];
    for name in names {
        workspace(&pool, name).await;
        group(&pool, name).await;
        person(&pool, "Ana", name, &format!("{}@example.com", name.len())).await;
    }
    let desk = Desk::start(pool).await;
    let machine = desk.machine(&["read"]).await;
    for (sign, holds) in
        [("%", 1), ("_", 2), ("\\", 3), ("'", 4), (";", 5), ("--", 5), ("$1", 6), ("%%", 9), ("\\_", 9)]
    {
        for noun in ["workspaces", "workspace-groups", "people"] {
            let request = machine.request(Method::GET, &format!("/v1/{noun}")).query(&[("filter[q]", sign)]);
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
