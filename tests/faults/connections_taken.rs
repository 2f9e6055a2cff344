//! No database connection is available: other clients have all of them, or all of the server's own wait for
//! a lock.

use std::time::{Duration, Instant};

use reqwest::Client as Http;
use sqlx::{Connection as _, PgConnection};
use tokio::time::sleep;

use crate::check::check;
use crate::cluster::Cluster;
use crate::load::Load;
use crate::report::{RESPONSE_LIMIT, Recovery, assert_recovered};
use crate::site::Site;

/// Ends the server's connections and takes all that become free.
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
async fn exhausted_connections_are_reported_to_every_request() {
    let site = Site::with_max_connections(30).await;
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
    let times = [Recovery { at, until: Instant::now() }];
    let ack_log = load.end().await;
    let during: Vec<_> = ack_log
        .exchanges
        .iter()
        .filter(|exchange| exchange.started >= all_taken && exchange.started + exchange.duration < at)
        .collect();
    assert!(during.iter().filter(|exchange| exchange.status == Some(503)).count() > 5, "{during:?}");
    assert!(during.iter().all(|exchange| exchange.duration <= RESPONSE_LIMIT), "{during:?}");
    assert!(ack_log.exchanges.iter().all(|exchange| exchange.status.is_some_and(|status| status != 500)));
    check(&site, &base, &ack_log).await;
    assert_recovered("all connections are taken", &ack_log, &times);
}

#[tokio::test(flavor = "multi_thread")]
async fn exhausted_pool_does_not_block_requests() {
    let site = Site::new().await;
    let server = site.serve_via_port(site.cluster.port(), "4").await;
    let base = server.url("");
    let load = Load::start(&site, std::slice::from_ref(&base));
    sleep(Duration::from_secs(1)).await;
    let mut other = site.cluster.connect().await.unwrap();
    let mut transaction = other.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE core_api.workspace_group_workspaces IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *transaction)
        .await
        .unwrap();
    // Now all four connections wait.
    sleep(Duration::from_millis(500)).await;
    let http = Http::new();
    for _ in 0..6 {
        // A request that does not need the lock.
        let started = Instant::now();
        let answer = http.get(format!("{base}/v1/people")).bearer_auth(&site.token).send().await.unwrap();
        assert!([200, 503].contains(&answer.status().as_u16()), "{answer:?}");
        assert!(started.elapsed() <= RESPONSE_LIMIT, "{:?}", started.elapsed());
        sleep(Duration::from_millis(300)).await;
    }
    transaction.rollback().await.unwrap();
    let at = Instant::now();
    sleep(Duration::from_secs(2)).await;
    let times = [Recovery { at, until: Instant::now() }];
    let ack_log = load.end().await;
    assert!(ack_log.unknown() > 0, "the connections were not exhausted");
    assert!(ack_log.longest() < Duration::from_secs(8), "{:?}", ack_log.longest());
    assert!(ack_log.exchanges.iter().all(|exchange| exchange.status.is_some_and(|status| status != 500)));
    check(&site, &base, &ack_log).await;
    assert_recovered("every connection waits for a lock", &ack_log, &times);
}
