//! The network to the database fails: it drops all data, or it resets every connection.

use std::time::{Duration, Instant};

use reqwest::Client as Http;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::ack_log::AckLog;
use crate::check::check;
use crate::client::JSON_API;
use crate::load::Load;
use crate::network::Network;
use crate::page::Visitor;
use crate::program::wait_until;
use crate::report::{RECOVERY_LIMIT, RESPONSE_LIMIT, Recovery, assert_recovered};
use crate::site::Site;

/// The duration of the outage, which is longer than every timeout.
const OUTAGE: Duration = Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread")]
async fn silent_network_is_survived() {
    survives_outage("the network is silent for a while", Network::drop_packets, Network::restore).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_network_that_loses_connections_is_survived() {
    survives_outage(
        "the network loses connections",
        Network::drop_packets,
        Network::restore_for_new_connections,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_connections_are_survived() {
    survives_outage(
        "the network resets connections",
        Network::reset_connections,
        Network::accept_connections,
    )
    .await;
}

async fn survives_outage(fault: &str, fail: fn(&Network), repair: fn(&Network)) {
    let site = Site::new().await;
    site.operator().await;
    let network = Network::to(site.cluster.port()).await;
    let server = site.serve_via_port(network.port(), "20").await;
    let base = server.url("");
    let mut visitor = Visitor::signed_in(&base).await;
    visitor.subscribe(&base).await;
    let load = Load::start(&site, std::slice::from_ref(&base));
    sleep(Duration::from_secs(2)).await;

    fail(&network);
    let gone = Instant::now();
    while gone.elapsed() < OUTAGE {
        assert_api_unavailable(&site, &base).await;
        assert_pages_unavailable(&visitor, &base).await;
        sleep(Duration::from_millis(200)).await;
    }
    repair(&network);
    let at = Instant::now();
    wait_until(RECOVERY_LIMIT.as_secs(), "pages are back", async || visitor.open(&base, "/").await.0 == 200)
        .await;
    wait_until(RECOVERY_LIMIT.as_secs(), "the server is ready", async || {
        visitor.open(&base, "/readyz").await.0 == 200
    })
    .await;
    assert_notified_again(&site, &visitor, &base, at).await;
    // Postgres may take a while to notice lost clients that hold locks.
    sleep((at + Duration::from_secs(5)).saturating_duration_since(Instant::now())).await;

    let times = [Recovery { at, until: Instant::now() }];
    let ack_log = load.end().await;
    assert_answered_in_time(&ack_log, gone, at);
    check(&site, &base, &ack_log).await;
    assert_recovered(fault, &ack_log, &times);
}

async fn assert_api_unavailable(site: &Site, base: &str) {
    let started = Instant::now();
    let http = Http::new();
    let answer = http.get(format!("{base}/v1/people")).bearer_auth(&site.token).send().await.unwrap();
    assert!(started.elapsed() <= RESPONSE_LIMIT, "{:?}", started.elapsed());
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].as_bytes()), (503, &b"1"[..]));
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(body["errors"][0]["code"], "UNAVAILABLE", "{body}");
}

async fn assert_pages_unavailable(visitor: &Visitor, base: &str) {
    for (path, status, words) in [
        ("/", 503, "The desk is temporarily unavailable"),
        ("/audit", 503, "The desk is temporarily unavailable"),
        ("/readyz", 503, "the database is unavailable"),
        ("/healthz", 200, "ok"),
    ] {
        let (found, text, duration) = visitor.open(base, path).await;
        assert_eq!(found, status, "{path}: {text}");
        assert!(text.contains(words), "{path}: {text}");
        assert!(duration <= RESPONSE_LIMIT, "{path}: {duration:?}");
    }
}

/// An open page receives notifications of changes after the outage.
async fn assert_notified_again(site: &Site, visitor: &Visitor, base: &str, at: Instant) {
    let left = RECOVERY_LIMIT.saturating_sub(at.elapsed()).as_secs();
    wait_until(left, "an open page receives notifications again", async || {
        let before = Instant::now();
        let group = json!({ "data": { "type": "workspace_group", "attributes": { "name": "EMEA" } } });
        let create = Http::new().post(format!("{base}/v1/workspace-groups")).bearer_auth(&site.token);
        let create = create.header("content-type", JSON_API).body(group.to_string()).send().await.unwrap();
        sleep(Duration::from_millis(700)).await;
        create.status() == 201 && visitor.was_notified_since(before)
    })
    .await;
}

/// Requests that were sent during the outage, or were waiting when it began, are answered in time.
fn assert_answered_in_time(ack_log: &AckLog, gone: Instant, at: Instant) {
    let mut unavailable = 0;
    for exchange in ack_log
        .exchanges
        .iter()
        .filter(|exchange| exchange.started < at && exchange.started + exchange.duration > gone)
    {
        let waited = (exchange.started + exchange.duration) - exchange.started.max(gone);
        assert!(waited <= RESPONSE_LIMIT, "{exchange:?}");
        if exchange.started > gone && exchange.started + exchange.duration < at {
            assert_eq!(exchange.status, Some(503), "{exchange:?}");
            unavailable += 1;
        }
    }
    assert!(unavailable > 20, "{unavailable}");
}
