//! No connection is to be had: others have all that the database gives out, or all of the server's own wait
//! for what others hold.

use std::time::{Duration, Instant};

use reqwest::Client as Http;
use sqlx::{Connection as _, PgConnection};
use tokio::time::sleep;

use crate::check::check;
use crate::cluster::Cluster;
use crate::load::Load;
use crate::report::{ANSWER_WITHIN, Over, recovered};
use crate::site::Site;

/// Ends the server's connections and takes what comes free, until nothing does.
async fn take_all(cluster: &Cluster) -> Vec<PgConnection> {
    let mut taken = vec![cluster.connect().await.unwrap()];
    let mut refused = 0;
    while refused < 20 {
        if let Ok(connection) = cluster.connect().await {
            taken.push(connection);
            refused = 0;
        } else {
            refused += 1;
            sqlx::query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'groupdesk'",
            )
            .execute(&mut taken[0])
            .await
            .unwrap();
        }
    }
    taken
}

#[tokio::test(flavor = "multi_thread")]
async fn while_others_have_every_connection_each_request_is_told_so() {
    let site = Site::with_room_for(30).await;
    let server = site.serve().await;
    let base = server.url("");
    let load = Load::start(&site, std::slice::from_ref(&base));
    sleep(Duration::from_secs(1)).await;
    let taken = take_all(&site.cluster).await;
    let all_taken = Instant::now();
    sleep(Duration::from_secs(4)).await;
    let at = Instant::now();
    for connection in taken {
        connection.close().await.unwrap();
    }
    sleep(Duration::from_secs(2)).await;
    let times = [Over { at, until: Instant::now() }];
    let ledger = load.end().await;
    let meanwhile: Vec<_> =
        ledger.told.iter().filter(|told| told.begun >= all_taken && told.begun + told.took < at).collect();
    assert!(meanwhile.iter().filter(|told| told.status == Some(503)).count() > 5, "{meanwhile:?}");
    assert!(meanwhile.iter().all(|told| told.took <= ANSWER_WITHIN), "{meanwhile:?}");
    assert!(ledger.told.iter().all(|told| told.status.is_some_and(|status| status != 500)));
    check(&site, &base, &ledger).await;
    recovered("the database is full", &ledger, &times);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_servers_own_connections_wait_for_a_lock_nobody_waits_for_one_of_them() {
    let site = Site::new().await;
    let server = site.serve_by(site.cluster.port(), "4").await;
    let base = server.url("");
    let load = Load::start(&site, std::slice::from_ref(&base));
    sleep(Duration::from_secs(1)).await;
    let mut other = site.cluster.connect().await.unwrap();
    let mut transaction = other.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE core_api.workspace_group_workspaces IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *transaction)
        .await
        .unwrap();
    // By now each of the four waits.
    sleep(Duration::from_millis(500)).await;
    let http = Http::new();
    for _ in 0..6 {
        // What the lock has nothing to do with.
        let begun = Instant::now();
        let answer = http.get(format!("{base}/v1/people")).bearer_auth(&site.token).send().await.unwrap();
        assert!([200, 503].contains(&answer.status().as_u16()), "{answer:?}");
        assert!(begun.elapsed() <= ANSWER_WITHIN, "{:?}", begun.elapsed());
        sleep(Duration::from_millis(300)).await;
    }
    transaction.rollback().await.unwrap();
    let at = Instant::now();
    sleep(Duration::from_secs(2)).await;
    let times = [Over { at, until: Instant::now() }];
    let ledger = load.end().await;
    assert!(ledger.unknown() > 0, "there were connections for all");
    assert!(ledger.longest() < Duration::from_secs(8), "{:?}", ledger.longest());
    assert!(ledger.told.iter().all(|told| told.status.is_some_and(|status| status != 500)));
    check(&site, &base, &ledger).await;
    recovered("every connection waits for a lock", &ledger, &times);
}
