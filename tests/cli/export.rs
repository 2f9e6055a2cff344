//! `groupdesk export`

use pretty_assertions::assert_eq;
use sqlx::PgPool;

use crate::support::{TestApp, database_url, enroll, group, remove, run, time, workspace};

async fn export(pool: &PgPool, args: &[&str]) -> crate::support::Exit {
    let url = database_url(pool);
    let mut all = vec!["export"];
    all.extend(args);
    all.extend(["--database-url", &url]);
    run(&all).await
}

#[database_test]
async fn as_of_export_of_a_group(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let (acme, evil) = (workspace(&pool, "Acme").await, workspace(&pool, "=1+1").await);
    let first = enroll(&pool, &emea, &acme, time("2026-04-01T00:00:00Z")).await;
    let second = enroll(&pool, &emea, &evil, time("2026-04-02T00:00:00.123Z")).await;
    remove(&pool, &first, time("2026-06-01T00:00:00Z")).await;
    enroll(&pool, &apac, &acme, time("2026-04-03T00:00:00Z")).await;

    let done = export(&pool, &["enrollments", "--group", &emea, "--as-of", "2026-05-01T00:00:00Z"]).await;
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    assert_eq!(
        done.out,
        format!(
            "enrollment_id,group_id,group_name,workspace_id,workspace_name,external_workspace_id,enrolled_at,\
             enrolled_by_id,enrolled_by_name,removed_at\r\n\
             {second},{emea},EMEA,{evil},'=1+1,'=1+1,2026-04-02T00:00:00.123Z,,,\r\n\
             {first},{emea},EMEA,{acme},Acme,acme,2026-04-01T00:00:00.000Z,,,2026-06-01T00:00:00.000Z\r\n"
        )
    );
    // The default is the present moment.
    let now = export(&pool, &["enrollments", "--format", "ndjson", "--before", "2026-04-03T00:00:00Z"]).await;
    assert_eq!(now.status, 0, "{now:?}");
    let row: serde_json::Value = serde_json::from_str(&now.out).unwrap();
    assert_eq!(row["workspace_name"], "=1+1");
    assert_eq!(row["removed_at"], serde_json::Value::Null);
}

#[database_test]
async fn admin_event_export(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    let named =
        serde_json::json!({ "data": { "type": "workspace_group", "attributes": { "name": "EMEA" } } });
    app.api_client(&["write"]).await.post("/v1/workspace-groups", named).await;
    let done = export(&pool, &["admin-events", "--format", "ndjson"]).await;
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    let rows: Vec<serde_json::Value> =
        done.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let actions: Vec<&str> = rows.iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["workspace_group_created", "api_token_created"]);
    assert_eq!(rows[0]["subject_name"], "EMEA");
    let before = export(&pool, &["admin-events", "--before", "2020-01-01T00:00:00Z"]).await;
    assert_eq!(before.out.lines().count(), 1, "{before:?}");
}

#[database_test]
async fn event_export_to_a_file(pool: PgPool) {
    let (emea, apac) = (group(&pool, "EMEA").await, group(&pool, "APAC").await);
    let acme = workspace(&pool, "Acme").await;
    let app = TestApp::start(pool.clone()).await;
    let api = app.api_client(&["write"]).await;
    let enrolled = api.enroll(&emea, &acme).await;
    api.enroll(&apac, &acme).await;
    api.delete(enrolled.header("location")).await;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.ndjson");
    let path = file.to_str().unwrap();
    let done = export(&pool, &["events", "--group", &emea, "--format", "ndjson", "--output", path]).await;
    assert_eq!((done.status, done.out.as_str(), done.err.as_str()), (0, "", ""));
    let text = std::fs::read_to_string(&file).unwrap();
    let rows: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let actions: Vec<_> =
        rows.iter().map(|row| (row["action"].as_str(), row["token_name"].as_str())).collect();
    assert_eq!(actions, [(Some("removed"), Some("robot")), (Some("enrolled"), Some("robot"))]);
    assert_eq!(rows[0]["actor"], "system");
    assert_eq!(rows[0]["enrollment_id"], enrolled.id());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "only the exported file is left");

    let before = export(&pool, &["events", "--before", "2026-01-01T00:00:00Z"]).await;
    assert_eq!(before.out.lines().count(), 1, "the header: {}", before.out);
}

#[database_test]
async fn invalid_exports_fail(pool: PgPool) {
    let strange = "00000000-0000-4000-8000-000000000000";
    let lost = export(&pool, &["events", "--group", strange]).await;
    assert_eq!((lost.status, lost.out.as_str()), (1, ""));
    assert!(lost.err.contains("This group does not exist"), "{lost:?}");
    for args in [
        &["events", "--group", "EMEA"][..],
        &["enrollments", "--as-of", "2999-01-01T00:00:00Z"],
        &["enrollments", "--as-of", "yesterday"],
        &["events", "--format", "xlsx"],
    ] {
        let refused = export(&pool, args).await;
        assert_eq!((refused.status, refused.out.as_str()), (2, ""), "{args:?}: {refused:?}");
    }
    let failed = export(&pool, &["events", "--output", "/no/such/folder/file.csv"]).await;
    assert_eq!(failed.status, 1);
    assert!(failed.err.contains("/no/such/folder/file.csv"), "{failed:?}");
}
