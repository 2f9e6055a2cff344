//! Lists of tens of thousands are under way, in two servers, when first one is killed and then the other.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use sqlx::PgConnection;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::invariants::violations;
use crate::page::Visitor;
use crate::program::within;
use crate::report::went_on;
use crate::site::Site;

/// In each of two lists.
const LINES: i64 = 20_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_under_way_when_every_server_is_killed_is_done_once() {
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
    let witness = witness(&site, stopped).await;

    within(60, "both have begun", async || done(&mut connection).await > 2_000).await;
    first.signal(Signal::SIGKILL);
    first.end().await;
    let so_far = done(&mut connection).await;
    within(60, "the other goes on", async || done(&mut connection).await > so_far + 4_000).await;
    second.signal(Signal::SIGKILL);
    second.end().await;
    let so_far = done(&mut connection).await;
    assert!(so_far < 2 * LINES, "killed in the middle: {so_far}");

    let at = Instant::now();
    let (first, second) = (first.address.clone(), second.address.clone());
    let _servers = tokio::join!(site.serve_again(&first), site.serve_again(&second));
    within(30, "it goes on by itself", async || done(&mut connection).await > so_far).await;
    let went = at.elapsed();
    within(180, "both are finished", async || is_finished(&mut connection).await).await;

    stop.send_replace(true);
    let looks = witness.await.expect("rows and lines said the same at any moment");
    assert!(looks > 20, "nobody looked");
    each_once(&mut connection, &site).await;
    assert_eq!(violations(&mut connection).await, Vec::<String>::new());
    went_on("every server is killed, lists go on", went);
}

fn list() -> String {
    let lines: Vec<String> = (1..=LINES).map(|number| format!("l-{number}")).collect();
    format!("id\n{}\n", lines.join("\n"))
}

/// Lines that something came of.
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

/// Looks again and again whether there are as many rows as the lists say they enrolled, which two who did the
/// same lines could not keep up.
async fn witness(site: &Site, stopped: watch::Receiver<bool>) -> JoinHandle<usize> {
    let mut connection = site.cluster.connect().await.unwrap();
    tokio::spawn(async move {
        let mut looks = 0;
        while !*stopped.borrow() {
            let (rows, lines): (i64, i64) = sqlx::query_as(
                "SELECT (SELECT count(*) FROM core_api.workspace_group_workspaces),
                        (SELECT coalesce(sum(enrolled), 0) FROM groupdesk.imports)",
            )
            .fetch_one(&mut connection)
            .await
            .unwrap();
            assert_eq!(rows, lines);
            looks += 1;
            sleep(Duration::from_millis(50)).await;
        }
        looks
    })
}

/// A live row for each line, an event for each row, and a line that names it.
async fn each_once(connection: &mut PgConnection, site: &Site) {
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
