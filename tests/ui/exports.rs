//! Exports of the audit pages.

use std::time::Duration;

use pretty_assertions::assert_eq;
use reqwest::Response;
use sqlx::PgPool;

use crate::support::{Browser, TestApp, enroll, group, person, remove, time, wait_until, workspace};

async fn download(app: &TestApp, browser: &Browser, path: &str) -> Response {
    browser.http.get(app.url(path)).send().await.unwrap()
}

fn header(response: &Response, name: &str) -> String {
    response.headers()[name].to_str().unwrap().to_owned()
}

#[database_test]
async fn csv_export_has_the_events_of_the_filter(pool: PgPool) {
    let bo = person(&pool, "+Bo", "Ek", "bo@example.com").await;
    let (emea, apac) = (group(&pool, "=EMEA, \"all\"").await, group(&pool, "APAC").await);
    let acme = workspace(&pool, "@Acme").await;
    let then = TestApp::at(pool.clone(), "2026-05-01T10:00:00Z").await;
    let by_bo = then.api_client_for("bo@example.com", &["write"]).await;
    let enrolled = by_bo.enroll(&emea, &acme).await.id();
    by_bo.enroll(&apac, &acme).await;
    // An event at the end of the filter's range is included.
    let app = TestApp::at(pool.clone(), "2026-05-28T09:15:00Z").await;
    app.api_client(&["write"]).await.delete(&format!("/v1/workspace-group-workspaces/{enrolled}")).await;
    // An event after the present moment is not.
    let later = TestApp::at(pool.clone(), "2026-05-28T09:15:00.001Z").await;
    later.api_client(&["write"]).await.enroll(&emea, &acme).await;
    let support = app.support().await;

    let response = download(&app, &support, &format!("/audit/export.csv?group={emea}")).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "text/csv; charset=utf-8; header=present");
    let name = "attachment; filename=\"groupdesk-events-20260528T091500Z.csv\"";
    assert_eq!(header(&response, "content-disposition"), name);
    assert_eq!(header(&response, "cache-control"), "no-store");
    let text = response.text().await.unwrap();
    let rows: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(
        rows[0],
        "\u{feff}event_id,occurred_at,action,source,actor,actor_id,actor_name,token_name,request_id,enrollment_id,group_id,\
         group_name,workspace_id,workspace_name,attributed_from,attributed_to,change_set_id,\
         reason,reference"
    );
    let tail = format!("{enrolled},{emea},\"'=EMEA, \"\"all\"\"\",{acme},'@Acme,,");
    assert!(rows[1].contains(",2026-05-28T09:15:00.000Z,removed,api,system,,,robot,"), "{text}");
    assert!(rows[1].contains(&tail), "{text}");
    let actor = format!(",2026-05-01T10:00:00.000Z,enrolled,api,person,{bo},'+Bo Ek,robot,");
    assert!(rows[2].contains(&actor) && rows[2].contains(&tail), "{text}");
    assert_eq!(rows[3..], [""]);
}

#[database_test]
async fn as_of_and_comparison_export_as_ndjson(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    let mut ids = Vec::new();
    for name in ["Added", "Removed", "Back"] {
        ids.push(workspace(&pool, name).await);
    }
    enroll(&pool, &emea, &ids[0], time("2026-05-02T00:00:00Z")).await;
    for id in &ids[1..] {
        let row = enroll(&pool, &emea, id, time("2026-04-01T00:00:00Z")).await;
        remove(&pool, &row, time("2026-05-03T00:00:00Z")).await;
    }
    enroll(&pool, &emea, &ids[2], time("2026-05-04T00:00:00Z")).await;
    let app = TestApp::at(pool, "2026-05-28T09:15:00Z").await;
    let support = app.support().await;
    let read = async |path: &str| -> (String, Vec<serde_json::Value>) {
        let response = download(&app, &support, path).await;
        assert_eq!(header(&response, "content-type"), "application/x-ndjson");
        let name = header(&response, "content-disposition");
        let text = response.text().await.unwrap();
        (name, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    };

    let at = format!("/audit/as-of/export.ndjson?group={emea}&at=2026-05-01T00:00:00Z");
    let (name, rows) = read(&at).await;
    assert_eq!(name, "attachment; filename=\"groupdesk-as-of-20260501T000000Z.ndjson\"");
    let mut names: Vec<_> = rows.iter().map(|row| row["workspace_name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Back", "Removed"]);
    assert_eq!(rows[0]["removed_at"], "2026-05-03T00:00:00.000Z");

    let between = format!(
        "/audit/compare/export.ndjson?group={emea}&earlier=2026-05-01T00:00:00Z&later=2026-05-08T00:00:00Z"
    );
    let (name, rows) = read(&between).await;
    assert_eq!(
        name,
        "attachment; filename=\"groupdesk-comparison-20260501T000000Z-20260508T000000Z.ndjson\""
    );
    let changes: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["change"].as_str().unwrap(),
                row["workspace_name"].as_str().unwrap(),
                row["is_readded"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        changes,
        [("added", "Added", false), ("removed", "Removed", false), ("unchanged", "Back", true)]
    );
}

/// Far more rows than network buffers hold.
async fn many_events(pool: &PgPool, number: u32) {
    let (emea, acme) = (group(pool, "EMEA").await, workspace(pool, "Acme").await);
    enroll(pool, &emea, &acme, time("2026-01-01T00:00:00Z")).await;
    sqlx::query(
        "INSERT INTO groupdesk.enrollment_events
             (action, occurred_at, source, workspace_group_workspace_pk, workspace_group_pk, workspace_pk, token_name)
         SELECT 'enrolled', timestamptz '2026-01-01Z' + n * interval '1 second', 'api', e.pk, e.workspace_group_pk,
                e.workspace_pk, n || repeat('x', 200)
         FROM core_api.workspace_group_workspaces e, generate_series(1, $1) n",
    )
    .bind(i32::try_from(number).unwrap())
    .execute(pool)
    .await
    .unwrap();
}

#[database_test]
async fn long_exports_contain_each_row_once(pool: PgPool) {
    many_events(&pool, 12_345).await;
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    let text = download(&app, &support, "/audit/export.csv").await.text().await.unwrap();
    let numbers: Vec<u32> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').nth(7).unwrap().trim_end_matches('x').parse().unwrap())
        .collect();
    assert_eq!(numbers, (1..=12_345).rev().collect::<Vec<_>>());
}

#[database_test]
async fn compressed_exports_are_complete(pool: PgPool) {
    many_events(&pool, 12_345).await;
    let app = TestApp::start(pool).await;
    let support = app.support().await;
    for encoding in ["br", "gzip"] {
        let request = support.http.get(app.url("/audit/export.ndjson")).header("accept-encoding", encoding);
        let response = request.send().await.unwrap();
        assert_eq!(header(&response, "content-encoding"), encoding);
        assert!(response.bytes().await.unwrap().len() > 10_000, "{encoding}: the file is complete");
    }
}

/// How the response ends, and how many more bytes it delivers.
async fn end_of(mut response: Response) -> (&'static str, usize) {
    let mut read = 0;
    loop {
        match response.chunk().await {
            Ok(Some(part)) => read += part.len(),
            Ok(None) => return ("whole", read),
            Err(_) => return ("broken off", read),
        }
    }
}

/// A client that stops reading holds no database connection, and an export that fails is visibly
/// incomplete.
#[database_test]
async fn failed_exports_are_visibly_truncated(pool: PgPool) {
    many_events(&pool, 60_000).await;
    let app = TestApp::start(pool.clone()).await;
    let support = app.support().await;
    let mut response = download(&app, &support, "/audit/export.csv").await;
    assert_eq!(response.status(), 200);
    let beginning = response.chunk().await.unwrap().expect("a beginning").len();

    wait_until(10, "no connection is held", async || app.is_idle()).await;
    sqlx::query("ALTER TABLE groupdesk.enrollment_events RENAME TO elsewhere").execute(&pool).await.unwrap();
    let (ended, rest) = end_of(response).await;
    let read = beginning + rest;
    assert_eq!(ended, "broken off", "after {read} bytes");
    assert!(read < 25_000_000, "{read} bytes, which is the complete file");
    // A failure before the first byte is reported by the status.
    assert_eq!(download(&app, &support, "/audit/export.csv").await.status(), 500);
}

/// An operator who is disabled during a slow download does not get the rest.
#[database_test]
async fn export_ends_with_its_session(pool: PgPool) {
    many_events(&pool, 60_000).await;
    let app = TestApp::start(pool.clone()).await;
    let support = app.support().await;
    let mut response = download(&app, &support, "/audit/export.ndjson").await;
    assert_eq!(response.status(), 200);
    response.chunk().await.unwrap().expect("a beginning");
    sqlx::raw_sql("UPDATE groupdesk.operators SET disabled_at = now()").execute(&pool).await.unwrap();
    // The session is checked again after five seconds.
    tokio::time::sleep(Duration::from_millis(5100)).await;
    assert_eq!(end_of(response).await.0, "broken off");
}
