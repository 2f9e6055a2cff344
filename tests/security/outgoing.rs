//! Output that is code for its reader: a browser's header, a spreadsheet, or the log.

use groupdesk::ui::paths;
use pretty_assertions::assert_eq;
use reqwest::Method;
use sqlx::PgPool;
use tempfile::TempDir;

use super::access::{PAGES, rows};
use super::fixtures::Fixtures;
use super::{callers, requests};
use crate::support::{Reply, Server, TestApp, client, database_url, operator};

/// The name of an exported file never contains names from uploads or from the data.
#[database_test]
async fn names_cannot_inject_headers(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let (admin, fixtures) = (callers.last().unwrap(), Fixtures::make(&pool).await);
    let evil = "x\"; filename=evil.exe\r\nSet-Cookie: a=b";
    for statement in [
        "UPDATE core_api.workspace_groups SET name = $1",
        "UPDATE core_api.workspaces SET name = $1",
        "UPDATE groupdesk.imports SET file_name = $1",
    ] {
        sqlx::query(statement).bind(evil).execute(&pool).await.unwrap();
    }
    let mut files = 0;
    for row in rows(PAGES) {
        if row.method != Method::GET {
            continue;
        }
        let reply = Reply::read(admin.ask(&app, &Method::GET, &requests::path(&row, &fixtures))).await;
        for (name, value) in &reply.headers {
            assert!(!value.to_str().unwrap().contains("evil"), "{}: {name}", row.name());
        }
        let disposition = reply.header("content-disposition");
        if !disposition.is_empty() {
            files += 1;
            let name =
                disposition.strip_prefix("attachment; filename=\"").and_then(|rest| rest.strip_suffix('"'));
            let name = name.unwrap_or_else(|| panic!("{disposition}"));
            assert!(
                name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)),
                "{name}"
            );
        }
    }
    assert_eq!(files, 11);
}

/// Characters at the beginning of a cell, also where only some readers start a new cell.
const FORMULAS: [&str; 18] = [
    "=cmd|'/c calc'!A1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "=1\",=2,\"=3\n=4",
    "＝1+1",
    " =1",
    "a;=1+1;b",
    "a;\"=1+1\";b",
    "a; =1",
    "a|-1",
    "a\t+1",
    "a,@b",
    "a =1+1",
    "10:-1",
    "a^=1~@b",
];

/// Every cell of every exported file.
#[database_test]
async fn exported_cells_are_no_formulas(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let callers = callers::page_callers(&app).await;
    let (admin, fixtures) = (callers.last().unwrap(), Fixtures::make(&pool).await);
    let mut cells = 0;
    for formula in FORMULAS {
        for statement in [
            "UPDATE core_api.workspace_groups SET name = $1",
            "UPDATE core_api.workspaces SET name = $1",
            "UPDATE core_api.peoples SET first_name = $1",
            "UPDATE groupdesk.import_lines SET text = $1",
            "INSERT INTO groupdesk.enrollment_events
                 (action, occurred_at, source, actor_name, token_name, attributed_from, attributed_to, request_id,
                  workspace_group_workspace_pk, workspace_group_pk, workspace_pk)
             SELECT 'attribution_corrected', now(), 'api', $1, $1, $1, $1, $1, workspace_group_workspace_pk,
                    workspace_group_pk, workspace_pk
             FROM groupdesk.enrollment_events LIMIT 1",
        ] {
            sqlx::query(statement).bind(formula).execute(&pool).await.unwrap();
        }
        for row in rows(PAGES).iter().filter(|row| row.path.rsplit('.').next() == Some("csv")) {
            let text = Reply::read(admin.ask(&app, &Method::GET, &requests::path(row, &fixtures))).await.text;
            let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
            for record in reader.records() {
                for cell in &record.unwrap() {
                    assert!(
                        !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']),
                        "{}: {cell:?}",
                        row.name()
                    );
                    cells += usize::from(cell.starts_with('\''));
                }
            }
            // The reader's locale decides what separates columns, and quotes do not count within a cell.
            for separator in [',', ';', '\t', '|', ' ', ':', '^', '~'] {
                for cell in text.split(['\r', '\n', separator]) {
                    let shown = cell.trim_start_matches(|sign: char| sign.is_whitespace() || sign == '"');
                    assert!(
                        !shown.starts_with(['=', '+', '-', '@', '＝']),
                        "{}, separated by {separator:?}: {cell:?}",
                        row.name()
                    );
                }
            }
        }
    }
    assert!(cells > 50, "{cells}");
}

/// Forged log lines would mislead the readers of the log.
#[database_test]
async fn requests_cannot_forge_log_lines(pool: PgPool) {
    let folder = TempDir::new().unwrap();
    let url = database_url(&pool);
    let server = Server::start(
        folder.path(),
        &["--database-url", &url, "--log-format", "pretty", "--log", "debug,sqlx=warn"],
    )
    .await;
    operator(&pool, "ana@example.com", "Ana Lima", "admin").await;
    let http = client();
    let injected = "x\r\n2026-05-28T09:15:00.000000Z  INFO INJECTED\n\u{1b}[2J\u{85}\u{2028}INJECTED";
    let encoded = paths::encode(injected);
    for path in [
        format!("/{encoded}"),
        format!("/groups/{encoded}?q={encoded}"),
        format!("/v1/{encoded}?{encoded}={encoded}"),
        format!("/invite/{encoded}"),
        format!("/api/fn/{encoded}"),
    ] {
        http.get(server.url(&path)).bearer_auth("INJECTED").send().await.unwrap();
    }
    let fields = [("email", injected), ("password", injected), ("next", injected)];
    let sign_in = http
        .post(server.url("/api/fn/sign-in"))
        .header("sec-fetch-site", "same-origin")
        .header("user-agent", "INJECTED\tINJECTED")
        .header("x-request-id", "INJECTED")
        .header("x-forwarded-for", "INJECTED");
    sign_in.form(&fields).send().await.unwrap();
    http.request(Method::from_bytes(b"INJECTED").unwrap(), server.url("/v1/people")).send().await.unwrap();
    let log = server.log();
    assert!(log.lines().count() > 8, "{log}");
    for line in log.lines() {
        // The only part of a request that the log repeats is its method, which is one word.
        let is_method = line.contains("method=INJECTED");
        assert!(is_method || !line.contains("INJECTED"), "{line}");
        assert!(line.starts_with("20") && !line.contains('\u{1b}'), "{line}");
    }
}
