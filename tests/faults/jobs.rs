//! Two servers process large imports when first one and then the other is killed.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use sqlx::PgConnection;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::invariants::violations;
use crate::page::Visitor;
use crate::program::wait_until;
use crate::report::assert_resumed;
use crate::site::Site;

/// The number of lines of each of two lists.
const LINES: i64 = 20_000;

#[tokio::test(flavor = "multi_thread")]
async fn imports_survive_killing_every_server() {
    let site = Site::new().await;
    site.operator().await;
    let mut connection = site.cluster.connect().await.unwrap();
    sqlx::query(
        "INSERT INTO core_api.workspaces (name, external_workspace_id)
         SELECT 'Line ' || n, 'l-' || n FROM generate_series(1, $1) n",
    )
    .bind(i32::try_from(LINES).unwrap())
    .execute(&mut connection)
    .await
    .unwrap();
    let (mut first, mut second) = (site.serve().await, site.serve().await);
    let base = first.url("");
    let visitor = Visitor::signed_in(&base).await;
    for group in &site.groups[..2] {
        visitor.import(&base, group, list()).await;
    }
    let (stop, stopped) = watch::channel(false);
    let compare_continuously = compare_continuously(&site, stopped).await;

    wait_until(60, "both have begun", async || done(&mut connection).await > 2_000).await;
    first.signal(Signal::SIGKILL);
    first.end().await;
    let so_far = done(&mut connection).await;
    wait_until(60, "the other one continues", async || done(&mut connection).await > so_far + 4_000).await;
    second.signal(Signal::SIGKILL);
    second.end().await;
    let so_far = done(&mut connection).await;
    assert!(so_far < 2 * LINES, "killed in the middle: {so_far}");

    let at = Instant::now();
    let (first, second) = (first.address.clone(), second.address.clone());
    let _servers = tokio::join!(site.serve_again(&first), site.serve_again(&second));
    wait_until(30, "the import continues by itself", async || done(&mut connection).await > so_far).await;
    let elapsed = at.elapsed();
    wait_until(180, "both are finished", async || is_finished(&mut connection).await).await;

    stop.send_replace(true);
    let comparisons = compare_continuously.await.expect("rows and lines agree at any moment");
    assert!(comparisons > 20, "nothing was compared");
    assert_enrolled_once(&mut connection, &site).await;
    assert_eq!(violations(&mut connection).await, Vec::<String>::new());
    assert_resumed("every server is killed during imports", elapsed);
}

fn list() -> String {
    let lines: Vec<String> = (1..=LINES).map(|number| format!("l-{number}")).collect();
    format!("id\n{}\n", lines.join("\n"))
}

/// The number of processed lines.
async fn done(connection: &mut PgConnection) -> i64 {
    sqlx::query_scalar("SELECT coalesce(sum(done), 0) FROM groupdesk.imports")
        .fetch_one(connection)
        .await
        .unwrap()
}

async fn is_finished(connection: &mut PgConnection) -> bool {
    sqlx::query_scalar("SELECT bool_and(state = 'finished') FROM groupdesk.imports")
        .fetch_one(connection)
        .await
        .unwrap()
}

/// Repeatedly compares the number of rows with the number of enrolled lines, which would differ if two
/// workers processed the same lines.
async fn compare_continuously(site: &Site, stopped: watch::Receiver<bool>) -> JoinHandle<usize> {
    let mut connection = site.cluster.connect().await.unwrap();
    tokio::spawn(async move {
        let mut comparisons = 0;
        while !*stopped.borrow() {
            let (rows, lines): (i64, i64) = sqlx::query_as(
                "SELECT (SELECT count(*) FROM core_api.workspace_group_workspaces),
                        (SELECT coalesce(sum(enrolled), 0) FROM groupdesk.imports)",
            )
            .fetch_one(&mut connection)
            .await
            .unwrap();
            assert_eq!(rows, lines);
            comparisons += 1;
            sleep(Duration::from_millis(50)).await;
        }
        comparisons
    })
}

/// Asserts a live row for each line, an event for each row, and a line that names it.
async fn assert_enrolled_once(connection: &mut PgConnection, site: &Site) {
    for group in &site.groups[..2] {
        let counted: (i64, i64, i64) = sqlx::query_as(
            "SELECT count(*), count(DISTINCT e.workspace_pk),
                    count(*) FILTER (WHERE (SELECT count(*) FROM groupdesk.import_lines l
                                            WHERE l.enrollment_pk = e.pk AND l.outcome = 'enrolled'
                                              AND l.workspace_pk = e.workspace_pk) = 1)
             FROM core_api.workspace_group_workspaces e
             JOIN core_api.workspace_groups g ON g.pk = e.workspace_group_pk
             WHERE g.workspace_group_id = $1::uuid AND e.deleted_at IS NULL",
        )
        .bind(group)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
        assert_eq!(counted, (LINES, LINES, LINES));
    }
    let counts: Vec<(i32, i32)> =
        sqlx::query_as("SELECT lines, enrolled FROM groupdesk.imports").fetch_all(connection).await.unwrap();
    let lines = i32::try_from(LINES).unwrap();
    assert_eq!(counts, [(lines, lines), (lines, lines)]);
}
