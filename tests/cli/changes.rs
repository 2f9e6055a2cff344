//! `groupdesk undo`, `groupdesk restore`, `groupdesk history`, and the reasons of commands.

use std::io::Write as _;

use pretty_assertions::assert_eq;
use sqlx::PgPool;
use tempfile::NamedTempFile;

use crate::support::{Exit, database_url, group, live_count, run, workspaces};

async fn command(pool: &PgPool, args: &[&str]) -> Exit {
    let url = database_url(pool);
    run(&[args, &["--database-url", &url]].concat()).await
}

async fn text(pool: &PgPool, statement: &str) -> String {
    sqlx::query_scalar(statement).fetch_one(pool).await.unwrap()
}

#[database_test]
async fn import_is_undone_and_membership_restored(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 6).await;
    let mut file = NamedTempFile::with_suffix(".csv").unwrap();
    file.write_all(b"w-1\nw-2\nw-3\nw-4\nw-5\n").unwrap();
    let path = file.path().to_str().unwrap();
    let note = ["--reason", "First list", "--reference", "OPS-7"];
    let imported = command(&pool, &[&["import", "--group", &emea, path][..], &note].concat()).await;
    assert_eq!(imported.status, 0, "{imported:?}");
    let noted =
        text(&pool, "SELECT DISTINCT reason || ' ' || reference FROM groupdesk.enrollment_events").await;
    assert_eq!(noted, "First list OPS-7");
    let between = text(
        &pool,
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
    )
    .await;

    let set = text(&pool, "SELECT DISTINCT change_set_id::text FROM groupdesk.enrollment_events").await;
    let shown = command(&pool, &["undo", &set]).await;
    assert_eq!((shown.status, shown.out.lines().next().unwrap()), (3, "5: would be removed"), "{shown:?}");
    assert_eq!(live_count(&pool).await, 5);
    let undone = command(&pool, &["undo", &set, "--apply", "--reason", "Wrong list"]).await;
    assert_eq!(undone.status, 0, "{undone:?}");
    assert!(undone.out.ends_with(": 0 enrolled, 5 removed, 0 left alone\n"), "{}", undone.out);
    assert_eq!(live_count(&pool).await, 0);
    assert_eq!(command(&pool, &["undo", &set]).await.status, 0, "nothing is left to undo");
    assert_eq!(command(&pool, &["undo", &set, "--apply"]).await.status, 1);

    let restore = ["restore", "--group", &emea, "--as-of", &between];
    let shown = command(&pool, &restore).await;
    let expected = "5 would be enrolled\n0 would be removed\n0 unchanged\n0 cannot be enrolled: the workspace is archived\n";
    assert_eq!((shown.status, shown.out.as_str()), (3, expected), "{}", shown.err);
    let restored = command(&pool, &[&restore[..], &["--apply"]].concat()).await;
    assert_eq!((restored.status, live_count(&pool).await), (0, 5), "{restored:?}");
    assert_eq!(command(&pool, &restore).await.status, 0);
}

#[database_test]
async fn group_requires_the_reason_of_an_import(pool: PgPool) {
    let emea = group(&pool, "EMEA").await;
    workspaces(&pool, 3).await;
    sqlx::raw_sql(
        "INSERT INTO groupdesk.group_settings (workspace_group_pk, reason_policy, reason_above)
         SELECT pk, 'required_above', 2 FROM core_api.workspace_groups",
    )
    .execute(&pool)
    .await
    .unwrap();
    let mut file = NamedTempFile::with_suffix(".csv").unwrap();
    file.write_all(b"w-1\nw-2\nw-3\n").unwrap();
    let path = file.path().to_str().unwrap();
    let refused = command(&pool, &["import", "--group", &emea, path]).await;
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(
        refused.err.contains("requires a reason for a change that concerns more than 2 workspaces"),
        "{}",
        refused.err
    );
    assert_eq!(live_count(&pool).await, 0, "nothing is partly applied");
    let explained = command(&pool, &["import", "--group", &emea, path, "--reason", "Onboarding"]).await;
    assert_eq!((explained.status, live_count(&pool).await), (0, 3), "{explained:?}");
    let too_long = "x".repeat(501);
    let refused = command(&pool, &["import", "--group", &emea, path, "--reason", &too_long]).await;
    assert_eq!(refused.status, 2, "{refused:?}");
}

#[database_test]
async fn new_history_is_begun(pool: PgPool) {
    let before = text(&pool, "SELECT history_id::text FROM groupdesk.histories").await;
    let begun = command(&pool, &["history", "new"]).await;
    assert_eq!(begun.status, 0, "{begun:?}");
    let now = text(&pool, "SELECT history_id::text FROM groupdesk.histories ORDER BY pk DESC LIMIT 1").await;
    assert_ne!(now, before);
    assert_eq!(begun.out, format!("history {now}\n"));
}
