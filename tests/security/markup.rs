//! Names and searches that contain HTML are shown as text on every page.

use groupdesk::ui::paths;
use pretty_assertions::assert_eq;
use reqwest::Method;
use sqlx::PgPool;

use super::access::{PAGES, rows};
use super::callers::{self, Caller};
use super::fixtures::{Fixtures, session_of};
use super::requests;
use crate::support::{Reply, TestApp};

/// Ends a text, an attribute, a title, a text area, a script, a comment, and the markup that Leptos writes.
const MARKUP: &str = r#"x'"><script>pwn()</script><img src=x onerror=pwn()></title></textarea></leptos-island><!--<!></head></body></html>"#;

/// Parts of the markup that must not appear unescaped. The page's own markup does not contain them.
const RAW: [&str; 5] =
    ["<script>pwn", "<img src=x", "'\"><", "</textarea></leptos-island>", "</head></body>"];

fn assert_escaped(reply: &Reply, context: &str) {
    for raw in RAW {
        let found = reply.text.find(raw).map(|at| &reply.text[at.saturating_sub(100)..]);
        let shown: Option<String> = found.map(|text| text.chars().take(300).collect());
        assert_eq!(shown, None, "{context}: {raw}");
    }
}

/// Only the tags in the head of a page are processed, not its text.
#[database_test]
async fn titles_show_names_unchanged(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let admin = app.admin().await;
    for name in [
        r#"A crossorigin="x" B"#,
        r#"A crossorigin="x"#,
        r#"<link crossorigin="x"> B"#,
        r#"<!> <!----> crossorigin="" <leptos-island"#,
    ] {
        let page = admin.submit("group-create", &[("name", name)]).await;
        let (_, rest) = page.html.split_once("<title>").unwrap();
        let (title, _) = rest.split_once("</title>").unwrap();
        let title = title.replace("&lt;", "<").replace("&amp;", "&");
        assert_eq!(title, format!("{name} · groupdesk"), "{}", page.at);
        assert!(page.html.contains(" crossorigin=\"anonymous\"") || !page.html.contains("rel=\"preload\""));
    }
}

/// A file that browsers save instead of showing it.
fn is_download(path: &str) -> bool {
    path.contains("/export.") || path.contains("/result.")
}

async fn open(app: &TestApp, caller: &Caller, path: &str) -> Reply {
    Reply::read(caller.ask(app, &Method::GET, path).header("accept", "text/html")).await
}

async fn send(app: &TestApp, caller: &Caller, function: &str, fields: &[(&str, &str)]) -> Reply {
    let request = caller
        .ask(app, &Method::POST, &format!("{}/{function}", paths::FUNCTIONS))
        .header("accept", "text/html")
        .header("sec-fetch-site", "same-origin")
        .header("user-agent", MARKUP);
    Reply::read(request.form(fields)).await
}

/// Gives everything this name, as older systems without validation could.
async fn rename_all(pool: &PgPool) {
    for statement in [
        "UPDATE core_api.workspace_groups SET name = $1",
        "UPDATE core_api.workspaces SET name = $1, description = $1, avatar_color = $1,
                external_workspace_id = $1 || pk",
        "UPDATE core_api.peoples SET first_name = $1, last_name = $1, email = pk || $1",
        "UPDATE groupdesk.api_tokens SET name = $1",
        "UPDATE groupdesk.imports SET file_name = $1, people_name = $1, column_name = $1, cancelled_by_name = $1",
        "UPDATE groupdesk.import_lines SET text = $1",
        "UPDATE groupdesk.sessions SET user_agent = $1, address = $1",
        "INSERT INTO groupdesk.admin_events (action, occurred_at, source, actor_name, token_name, subject_type, subject_name)
         SELECT action, now(), 'api', $1, $1, subject_type, $1 FROM groupdesk.admin_events",
        "INSERT INTO groupdesk.enrollment_events
             (action, occurred_at, source, actor_name, token_name, attributed_from, attributed_to, request_id,
              workspace_group_workspace_pk, workspace_group_pk, workspace_pk)
         SELECT action, now(), 'api', $1, $1, $1, $1, $1, workspace_group_workspace_pk, workspace_group_pk, workspace_pk
         FROM groupdesk.enrollment_events, generate_series(1, 2)",
    ] {
        let done = sqlx::query(statement).bind(MARKUP).execute(pool).await;
        done.unwrap_or_else(|error| panic!("{error}: {statement}"));
    }
}

#[database_test]
async fn names_are_escaped_on_every_page(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let fixtures = Fixtures::make(&pool).await;
    session_of(&pool, "ana@example.com").await;
    rename_all(&pool).await;
    let mut shown = 0;
    for row in rows(PAGES) {
        if row.method != Method::GET || row.path == paths::LIVE || is_download(&row.path) {
            continue;
        }
        for query in ["", "tab=removed", "tab=history", "tab=enrollments", "tab=activity", "status=any"] {
            let path = requests::path(&row, &fixtures);
            let path = path.replace(
                &fixtures.prepared_import,
                if query.is_empty() { &fixtures.prepared_import } else { &fixtures.finished_import },
            );
            let sign = if path.contains('?') { '&' } else { '?' };
            for caller in &callers[callers.len() - 2..] {
                let reply = open(&app, caller, &format!("{path}{sign}{query}")).await;
                assert!(
                    [200, 303, 403].contains(&reply.status) || row.path.contains("anything"),
                    "{path}: {}",
                    reply.status
                );
                assert_escaped(&reply, &path);
                shown += usize::from(reply.text.contains("&lt;script&gt;pwn"));
            }
        }
    }
    assert!(shown > 100, "{shown}");
}

/// The next page names what was just changed, and a refused form shows the input again.
#[database_test]
async fn names_are_escaped_in_messages_and_forms(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let admin = callers.last().unwrap();
    let fixtures = Fixtures::make(&pool).await;
    rename_all(&pool).await;
    let Fixtures { group, empty_group, workspace, free_workspace, enrollment, removed, person, .. } =
        &fixtures;
    let (operator, token) = (fixtures.operator.as_str(), fixtures.token.as_str());
    let back = ("back", "/groups");
    let at = ("form_at", "/groups");
    let email = format!("{}@example.com", &MARKUP[..MARKUP.find(' ').unwrap()]);
    for (function, fields) in [
        ("group-create", vec![("name", MARKUP), ("pasted", MARKUP)]),
        ("group-create", vec![("name", MARKUP)]),
        ("group-rename", vec![("group", group.as_str()), ("name", MARKUP), ("version", "0"), back]),
        (
            "enrollment-remove",
            vec![
                ("enrollment", enrollment),
                ("reason", MARKUP),
                ("reference", "https://x.example/\"><b>"),
                at,
                back,
            ],
        ),
        ("enrollments-move", vec![("group", group), ("to", empty_group), ("reason", MARKUP), at]),
        ("enrollment-enroll", vec![("group", group), ("workspace", free_workspace), back]),
        ("enrollment-enroll", vec![("group", group), ("workspace", workspace), back]),
        ("enrollment-remove", vec![("enrollment", enrollment), at, back]),
        ("enrollment-readd", vec![("enrollment", removed), back]),
        ("enrollments-remove-all", vec![("group", group), ("count", "2"), ("typed", "2"), at, back]),
        ("attribution-correct", vec![("enrollment", enrollment), ("person", person), at, back]),
        ("workspace-create", vec![("name", MARKUP), ("description", MARKUP), ("avatar_color", MARKUP)]),
        ("workspace-create", vec![("name", ""), ("description", MARKUP), ("external_workspace_id", MARKUP)]),
        ("workspace-update", vec![("workspace", workspace), ("name", MARKUP), ("version", "0"), at]),
        ("person-create", vec![("first_name", MARKUP), ("last_name", ""), ("email", MARKUP)]),
        ("person-create", vec![("first_name", MARKUP), ("last_name", MARKUP)]),
        ("person-delete", vec![("person", person), ("name", MARKUP), at]),
        (
            "token-create",
            vec![("name", MARKUP), ("scopes[0]", "read"), ("holder", "system"), ("expiry", "never")],
        ),
        ("token-create", vec![("name", MARKUP), ("holder", "person"), ("person", MARKUP), ("day", MARKUP)]),
        ("token-revoke", vec![("token", token)]),
        ("operator-invite", vec![("email", &email), ("name", MARKUP), ("role", "support")]),
        ("operator-invite", vec![("email", MARKUP), ("name", MARKUP), ("role", "support")]),
        ("operator-set-role", vec![("operator", operator), ("role", "admin")]),
        ("operator-disable", vec![("operator", operator)]),
        ("operator-link", vec![("operator", operator)]),
        ("group-remove", vec![("group", empty_group), at]),
        ("workspace-remove", vec![("workspace", free_workspace), at]),
        ("workspace-release-id", vec![("workspace", free_workspace), at]),
        ("sign-in", vec![("email", MARKUP), ("password", MARKUP), ("next", MARKUP)]),
        ("invitation-accept", vec![("secret", MARKUP), ("password", MARKUP)]),
    ] {
        let reply = send(&app, admin, function, &fields).await;
        assert_eq!(reply.status, 302, "{function}");
        assert_escaped(&reply, function);
        let page = open(&app, admin, reply.header("location")).await;
        assert_escaped(&page, function);
        admin.sign_in(&app).await;
    }
}

/// Parameters of the URL appear in search fields, in links and in sentences.
#[database_test]
async fn url_parameters_are_escaped(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let admin = callers.last().unwrap();
    let fixtures = Fixtures::make(&pool).await;
    let value = paths::encode(MARKUP);
    for row in rows(PAGES) {
        if row.method != Method::GET || row.path == paths::LIVE || is_download(&row.path) {
            continue;
        }
        let path = requests::path(&row, &fixtures);
        let sign = if path.contains('?') { '&' } else { '?' };
        for names in super::injection::PARAMETERS.chunks(4) {
            let query: Vec<String> = names.iter().map(|name| format!("{name}={value}")).collect();
            let path = format!("{path}{sign}{}&{value}={value}", query.join("&"));
            let reply = open(&app, admin, &path).await;
            assert!(reply.status < 500, "{path}: {}", reply.status);
            assert_escaped(&reply, &path);
        }
    }
    for path in [
        format!("/login?next={value}"),
        format!("/invite/{value}"),
        format!("/{value}"),
        format!("/groups/{value}"),
    ] {
        assert_escaped(&open(&app, admin, &path).await, &path);
    }
}
