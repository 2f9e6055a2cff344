//! A database with high latency, and one with long locks.

use std::time::{Duration, Instant};

use sqlx::Connection as _;
use tokio::time::sleep;

use crate::ack_log::Exchange;
use crate::check::check;
use crate::load::Load;
use crate::network::Network;
use crate::report::{Recovery, assert_recovered};
use crate::site::Site;

/// The latency in each direction.
const DELAY: Duration = Duration::from_millis(40);
/// The lock timeout, and some time for the rest of the request.
const LOCK_WAIT_LIMIT: Duration = Duration::from_secs(7);

#[tokio::test(flavor = "multi_thread")]
async fn slow_database_delays_responses_without_errors() {
    let site = Site::new().await;
    let network = Network::to(site.cluster.port()).await;
    let server = site.serve_via_port(network.port(), "20").await;
    let base = server.url("");
    let load = Load::start(&site, std::slice::from_ref(&base));
    sleep(Duration::from_secs(1)).await;
    network.slow(DELAY);
    sleep(Duration::from_secs(5)).await;
    network.slow(Duration::ZERO);
    let at = Instant::now();
    sleep(Duration::from_secs(1)).await;
    let times = [Recovery { at, until: Instant::now() }];
    let ack_log = load.end().await;
    assert_eq!(ack_log.unknown(), 0, "a slow database is not an unavailable one: {}", server.log());
    assert!(ack_log.longest() > DELAY * 4, "the delay had no effect");
    assert!(ack_log.longest() < Duration::from_secs(5), "{:?}", ack_log.longest());
    check(&site, &base, &ack_log).await;
    assert_recovered("the database is slow", &ack_log, &times);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_locks_affect_only_requests_that_need_them() {
    let site = Site::new().await;
    let server = site.serve().await;
    let base = server.url("");
    let load = Load::start(&site, std::slice::from_ref(&base));
    sleep(Duration::from_secs(1)).await;
    let mut other = site.cluster.connect().await.unwrap();
    let mut transaction = other.begin().await.unwrap();
    // The group of the first client, whose enrollments have to wait.
    sqlx::query("SELECT 1 FROM core_api.workspace_groups WHERE workspace_group_id = $1::uuid FOR UPDATE")
        .bind(&site.groups[0])
        .execute(&mut *transaction)
        .await
        .unwrap();
    let held = Instant::now();
    sleep(Duration::from_secs(6)).await;
    transaction.rollback().await.unwrap();
    let at = Instant::now();
    sleep(Duration::from_secs(1)).await;
    let times = [Recovery { at, until: Instant::now() }];
    let ack_log = load.end().await;
    assert!(ack_log.unknown() > 0, "no request timed out");
    assert!(ack_log.longest() < LOCK_WAIT_LIMIT, "{:?}", ack_log.longest());
    let others = ack_log.exchanges.iter().filter(|exchange| exchange.started > held && exchange.started < at);
    let (late, quick): (Vec<&Exchange>, Vec<&Exchange>) =
        others.partition(|exchange| exchange.duration > Duration::from_secs(1));
    assert!(quick.len() > 50 && late.len() < 5, "{} late, {} in time", late.len(), quick.len());
    assert!(ack_log.exchanges.iter().all(|exchange| exchange.status.is_some_and(|status| status != 500)));
    check(&site, &base, &ack_log).await;
    assert_recovered("a group is locked by others", &ack_log, &times);
}
