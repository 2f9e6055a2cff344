//! `groupdesk partition-logs`

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::{join, join_all};
use pretty_assertions::assert_eq;
use sqlx::{Connection as _, PgConnection, PgPool};
use tempfile::TempDir;
use tokio::process::Child;

use crate::support::{
    TestApp, database_url, event_count, group, groupdesk, run, violations, wait_until, workspaces,
};

const DONE: &str = "enrollment_events: reading the times of all rows
enrollment_events: adding partitions
enrollment_events: partitioned by month
admin_events: reading the times of all rows
admin_events: adding partitions
admin_events: partitioned by month
";
const NOTHING: &str = "enrollment_events: nothing to do\nadmin_events: nothing to do\n";

async fn number(pool: &PgPool, statement: &str) -> i64 {
    sqlx::query_scalar(statement).fetch_one(pool).await.unwrap()
}

#[database_test]
async fn conversion_during_changes_loses_nothing(pool: PgPool) {
    workspaces(&pool, 400).await;
    let ids: Vec<String> =
        sqlx::query_scalar("SELECT workspace_id::text FROM core_api.workspaces ORDER BY pk")
            .fetch_all(&pool)
            .await
            .unwrap();
    let app = TestApp::with_large_pool(&pool).await;
    let api = app.api_client(&["write"]).await;
    let is_done = Arc::new(AtomicBool::new(false));
    let writers = join_all(ids.chunks(100).enumerate().map(|(index, ids)| {
        let (api, pool, is_done) = (&api, &pool, is_done.clone());
        async move {
            let group = group(pool, &format!("Group {index}")).await;
            let mut changes = 0;
            for id in ids.iter().cycle() {
                let is_last = is_done.load(Ordering::Relaxed);
                let enrolled = api.enroll(&group, id).await;
                assert_eq!(enrolled.status, 201, "{enrolled:?}");
                let removed = api.delete(enrolled.header("location")).await;
                assert_eq!(removed.status, 204, "{removed:?}");
                changes += 2;
                if is_last {
                    break;
                }
            }
            changes
        }
    }));
    let convert = async {
        wait_until(30, "changes are made", async || event_count(&pool).await > 20).await;
        let ended = run(&["partition-logs", "--database-url", &database_url(&pool)]).await;
        is_done.store(true, Ordering::Relaxed);
        ended
    };
    let (changes, ended) = join(writers, convert).await;

    assert_eq!((ended.status, ended.out.as_str()), (0, DONE), "{}", ended.err);
    assert_eq!(event_count(&pool).await, changes.into_iter().sum::<i64>());
    assert_eq!(violations(&mut pool.acquire().await.unwrap()).await, Vec::<String>::new());
    let partitioned = "SELECT count(*) FROM pg_partitioned_table";
    assert_eq!(number(&pool, partitioned).await, 2);
    app.close().await;

    let again = run(&["partition-logs", "--database-url", &database_url(&pool)]).await;
    assert_eq!((again.status, again.out.as_str()), (0, NOTHING), "{}", again.err);
}

#[database_test]
async fn two_processes_convert_the_logs_once(pool: PgPool) {
    let url = database_url(&pool);
    let args = ["partition-logs", "--database-url", &url];
    let (one, other) = join(run(&args), run(&args)).await;
    assert_eq!((one.status, other.status), (0, 0), "{one:?} {other:?}");
    let mut outputs = [one.out, other.out];
    outputs.sort_by_key(String::len);
    assert_eq!(outputs, [NOTHING, DONE]);
}

/// Starts the command, and returns it when it reports that the log is in use.
async fn waiting(url: &str) -> (Child, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (out, log) = (folder.path().join("out"), folder.path().join("log"));
    let mut command = groupdesk(&["partition-logs", "--database-url", url]);
    command.stdout(File::create(&out).unwrap()).stderr(File::create(&log).unwrap());
    let child = command.spawn().unwrap();
    wait_until(20, "the log is in use", async || {
        std::fs::read_to_string(&log).unwrap().contains("enrollment_events is in use")
    })
    .await;
    (child, folder)
}

#[database_test]
async fn interrupted_conversion_is_resumed(pool: PgPool) {
    let url = database_url(&pool);
    execute(&pool, "SELECT groupdesk.limit_log('enrollment_events')").await;
    let mut reading = PgConnection::connect(&url).await.unwrap();
    let read = "BEGIN; SELECT FROM groupdesk.enrollment_events LIMIT 1";
    sqlx::raw_sql(read).execute(&mut reading).await.unwrap();

    let (mut child, _folder) = waiting(&url).await;
    child.kill().await.unwrap();
    assert_eq!(number(&pool, "SELECT count(*) FROM pg_partitioned_table").await, 0);

    let (mut child, folder) = waiting(&url).await;
    // While the command waits, others go on.
    assert_eq!(event_count(&pool).await, 0);
    reading.close().await.unwrap();
    assert_eq!(child.wait().await.unwrap().code(), Some(0));
    assert_eq!(std::fs::read_to_string(folder.path().join("out")).unwrap(), DONE);
    let limits = "SELECT count(*) FROM pg_constraint WHERE conname = 'partition_limit'";
    assert_eq!(number(&pool, limits).await, 0);
}

async fn execute(pool: &PgPool, statement: &str) {
    sqlx::raw_sql(statement).execute(pool).await.expect(statement);
}

#[database_test]
async fn log_under_a_view_is_left_as_it_is(pool: PgPool) {
    execute(&pool, "CREATE VIEW public.report AS SELECT action FROM groupdesk.enrollment_events").await;
    let refused = run(&["partition-logs", "--database-url", &database_url(&pool)]).await;
    assert_eq!((refused.status, refused.out.as_str()), (1, ""));
    assert!(refused.err.contains("view public.report would refer to the first partition"), "{}", refused.err);
    assert_eq!(number(&pool, "SELECT count(*) FROM pg_partitioned_table").await, 0);
}

/// Indexes, constraints and triggers of the logs and of all partitions. Postgres chooses the names of the former.
const DEFINITIONS: &str = r"
    SELECT concat(regexp_replace(pg_get_indexdef(indexrelid), 'INDEX \S+ ON', 'INDEX ON'), indisvalid) FROM pg_index
    WHERE indrelid::regclass::text LIKE 'groupdesk.%events%'
    UNION ALL
    SELECT concat(conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated) FROM pg_constraint
    WHERE conrelid::regclass::text LIKE 'groupdesk.%events%'
    UNION ALL
    SELECT concat(tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
    WHERE NOT tgisinternal AND tgrelid::regclass::text LIKE 'groupdesk.%events%'
    ORDER BY 1";

async fn definitions(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(DEFINITIONS).fetch_all(pool).await.unwrap()
}

#[database_test]
async fn seed_and_migrate_work_on_partitioned_logs(pool: PgPool) {
    let url = database_url(&pool);
    assert_eq!(run(&["partition-logs", "--database-url", &url]).await.status, 0);
    let before = definitions(&pool).await;
    assert!(before.len() > 60, "{before:#?}");
    let size = ["--groups", "300", "--workspaces", "4000", "--people", "40", "--enrollments", "120000"];
    let seeded = run(&[&["seed", "--database-url", &url][..], &size].concat()).await;
    assert_eq!(seeded.status, 0, "{seeded:?}");
    assert_eq!(definitions(&pool).await, before);
    assert!(event_count(&pool).await > 120_000);
    let checked = run(&["migrate", "--check", "--database-url", &url]).await;
    assert_eq!((checked.status, checked.out.as_str()), (0, "nothing to apply\n"), "{}", checked.err);
}
