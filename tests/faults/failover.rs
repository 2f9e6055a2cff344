//! A standby replaces the primary: on purpose, with the old primary remaining as read-only, or because the
//! primary has died. The standby is synchronous, so it has everything that was acknowledged.

use std::time::{Duration, Instant};

use reqwest::Client as Http;
use serde_json::json;
use tokio::time::sleep;

use crate::ack_log::AckLog;
use crate::check::check;
use crate::client::JSON_API;
use crate::cluster::Cluster;
use crate::load::Load;
use crate::network::Network;
use crate::page::Visitor;
use crate::program::wait_until;
use crate::report::{RECOVERY_LIMIT, RESPONSE_LIMIT, Recovery, assert_recovered};
use crate::site::Site;

/// The time without a writable server, after the server has noticed.
const PAUSE: Duration = Duration::from_secs(2);

/// One address leads to the present primary, like that of a proxy. No connection is closed.
#[tokio::test(flavor = "multi_thread")]
async fn promoted_standby_replaces_a_demoted_primary() {
    let mut site = Site::new().await;
    site.operator().await;
    let standby = site.cluster.standby().await;
    let network = Network::to(site.cluster.port()).await;
    let server = site.serve_via_port(network.port(), "20").await;
    let base = server.url("");
    let visitor = Visitor::signed_in(&base).await;
    assert_eq!(create_once(&site, &base).await, (201, false));
    let load = Load::start(&site, std::slice::from_ref(&base));
    sleep(Duration::from_secs(2)).await;

    site.cluster.demote(&standby).await;
    wait_until(5, "the server is not ready", async || visitor.open(&base, "/readyz").await.0 == 503).await;
    let known = Instant::now();
    while known.elapsed() < PAUSE {
        assert_read_only(&site, &visitor, &base).await;
        sleep(Duration::from_millis(200)).await;
    }
    standby.promote().await;
    network.redirect_to(standby.port());
    let at = Instant::now();
    let demoted = std::mem::replace(&mut site.cluster, standby);
    assert_available(&visitor, &base).await;
    assert_eq!(create_once(&site, &base).await, (201, true));
    sleep(Duration::from_secs(3)).await;
    let times = [Recovery { at, until: Instant::now() }];
    let ack_log = load.end().await;
    assert!(ack_log.unknown() > 0, "no request was refused");
    assert_no_faults_or_delays(&ack_log);
    check(&site, &base, &ack_log).await;
    assert_recovered("the primary is demoted, a standby promoted", &ack_log, &times);
    drop(demoted);
}

/// The database URL names both servers.
#[tokio::test(flavor = "multi_thread")]
async fn standby_of_a_dead_primary_is_found_by_the_url() {
    let mut site = Site::new().await;
    site.operator().await;
    let standby = site.cluster.standby().await;
    let url = Cluster::url_of_both(&site.cluster, &standby);
    let server = site.serve_with_url(&url, "20").await;
    let base = server.url("");
    let visitor = Visitor::signed_in(&base).await;
    assert_eq!(create_once(&site, &base).await, (201, false));
    let load = Load::start(&site, std::slice::from_ref(&base));
    sleep(Duration::from_secs(2)).await;

    site.cluster.kill().await;
    // Until the promotion, reads are served by the standby.
    wait_until(5, "the standby serves reads", async || visitor.open(&base, "/groups").await.0 == 200).await;
    assert_read_only(&site, &visitor, &base).await;
    standby.promote().await;
    let at = Instant::now();
    let died = std::mem::replace(&mut site.cluster, standby);
    assert_available(&visitor, &base).await;
    assert_eq!(create_once(&site, &base).await, (201, true));
    sleep(Duration::from_secs(3)).await;
    let times = [Recovery { at, until: Instant::now() }];
    let ack_log = load.end().await;
    assert!(ack_log.unknown() > 0, "no request was running when it died");
    assert_no_faults_or_delays(&ack_log);
    check(&site, &base, &ack_log).await;
    assert_recovered("the primary dies, a standby is promoted", &ack_log, &times);
    drop(died);
}

/// Creates a group with always the same key. Returns the status, and whether it is the answer to an earlier request.
async fn create_once(site: &Site, base: &str) -> (u16, bool) {
    let group = json!({ "data": { "type": "workspace_group", "attributes": { "name": "APAC" } } });
    let create = Http::new().post(format!("{base}/v1/workspace-groups")).bearer_auth(&site.token);
    let create = create.header("content-type", JSON_API).header("idempotency-key", "create-once");
    let answer = create.body(group.to_string()).send().await.unwrap();
    (answer.status().as_u16(), answer.headers().contains_key("idempotency-replayed"))
}

async fn assert_read_only(site: &Site, visitor: &Visitor, base: &str) {
    // What a read-only server contains may be undone by the failover, so it repeats no answer to a change.
    assert_eq!(create_once(site, base).await, (503, false));
    let http = Http::new();
    let read = http.get(format!("{base}/v1/people")).bearer_auth(&site.token).send().await.unwrap();
    assert_eq!(read.status(), 200);
    let group = json!({ "data": { "type": "workspace_group", "attributes": { "name": "EMEA" } } });
    let change = http.post(format!("{base}/v1/workspace-groups")).bearer_auth(&site.token);
    let change = change.header("content-type", JSON_API).body(group.to_string()).send().await.unwrap();
    assert_eq!((change.status().as_u16(), change.headers()["retry-after"].as_bytes()), (503, &b"1"[..]));
    for (path, status, words) in
        [("/groups", 200, "Ana Lima"), ("/readyz", 503, "the database is read-only"), ("/healthz", 200, "ok")]
    {
        let (found, text, duration) = visitor.open(base, path).await;
        assert_eq!(found, status, "{path}: {text}");
        assert!(text.contains(words), "{path}: {text}");
        assert!(duration <= RESPONSE_LIMIT, "{path}: {duration:?}");
    }
}

async fn assert_available(visitor: &Visitor, base: &str) {
    wait_until(RECOVERY_LIMIT.as_secs(), "the server is ready", async || {
        visitor.open(base, "/readyz").await.0 == 200
    })
    .await;
    assert_eq!(visitor.open(base, "/groups").await.0, 200);
}

fn assert_no_faults_or_delays(ack_log: &AckLog) {
    for exchange in &ack_log.exchanges {
        assert!(exchange.status.is_some_and(|status| status != 500), "{exchange:?}");
        assert!(!exchange.is_unknown() || exchange.duration <= RESPONSE_LIMIT, "{exchange:?}");
    }
}
