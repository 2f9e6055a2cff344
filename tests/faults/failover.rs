//! A standby takes the place of the primary: on purpose, where the old primary stays and only reads, or because
//! the primary has died. The standby is a synchronous one, so that it has all that was acknowledged.

use std::time::{Duration, Instant};

use reqwest::Client as Http;
use serde_json::json;
use tokio::time::sleep;

use crate::check::check;
use crate::client::JSON_API;
use crate::cluster::Cluster;
use crate::ledger::Ledger;
use crate::load::Load;
use crate::network::Network;
use crate::page::Visitor;
use crate::program::within;
use crate::report::{ANSWER_WITHIN, BACK_WITHIN, Over, recovered};
use crate::site::Site;

/// How long there is nobody who takes changes, after it is known.
const PAUSE: Duration = Duration::from_secs(2);

/// One address leads to the primary of the moment, as that of a proxy does. No connection ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_demoted_primary_is_left_for_the_standby_that_was_promoted() {
    let mut site = Site::new().await;
    site.operator().await;
    let standby = site.cluster.standby().await;
    let network = Network::to(site.cluster.port()).await;
    let server = site.serve_by(network.port(), "20").await;
    let base = server.url("");
    let visitor = Visitor::signed_in(&base).await;
    let load = Load::start(&site, std::slice::from_ref(&base));
    sleep(Duration::from_secs(2)).await;

    site.cluster.demote(&standby).await;
    within(5, "it is not ready", async || visitor.open(&base, "/readyz").await.0 == 503).await;
    let known = Instant::now();
    while known.elapsed() < PAUSE {
        it_only_reads(&site, &visitor, &base).await;
        sleep(Duration::from_millis(200)).await;
    }
    standby.promote().await;
    network.lead_to(standby.port());
    let at = Instant::now();
    let demoted = std::mem::replace(&mut site.cluster, standby);
    it_is_back(&visitor, &base).await;
    sleep(Duration::from_secs(3)).await;
    let times = [Over { at, until: Instant::now() }];
    let ledger = load.end().await;
    assert!(ledger.unknown() > 0, "nobody was refused");
    nobody_met_a_fault_or_waited(&ledger);
    check(&site, &base, &ledger).await;
    recovered("the primary is demoted, a standby promoted", &ledger, &times);
    drop(demoted);
}

/// The database's URL names both.
#[tokio::test(flavor = "multi_thread")]
async fn the_standby_of_a_primary_that_died_is_found_by_its_name() {
    let mut site = Site::new().await;
    site.operator().await;
    let standby = site.cluster.standby().await;
    let url = Cluster::url_of_both(&site.cluster, &standby);
    let server = site.serve_at(&url, "20").await;
    let base = server.url("");
    let visitor = Visitor::signed_in(&base).await;
    let load = Load::start(&site, std::slice::from_ref(&base));
    sleep(Duration::from_secs(2)).await;

    site.cluster.kill().await;
    // Until it is promoted, what the standby knows can be read.
    within(5, "the standby is read", async || visitor.open(&base, "/groups").await.0 == 200).await;
    it_only_reads(&site, &visitor, &base).await;
    standby.promote().await;
    let at = Instant::now();
    let died = std::mem::replace(&mut site.cluster, standby);
    it_is_back(&visitor, &base).await;
    sleep(Duration::from_secs(3)).await;
    let times = [Over { at, until: Instant::now() }];
    let ledger = load.end().await;
    assert!(ledger.unknown() > 0, "nothing was under way when it died");
    nobody_met_a_fault_or_waited(&ledger);
    check(&site, &base, &ledger).await;
    recovered("the primary dies, a standby is promoted", &ledger, &times);
    drop(died);
}

async fn it_only_reads(site: &Site, visitor: &Visitor, base: &str) {
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
        let (found, text, took) = visitor.open(base, path).await;
        assert_eq!(found, status, "{path}: {text}");
        assert!(text.contains(words), "{path}: {text}");
        assert!(took <= ANSWER_WITHIN, "{path}: {took:?}");
    }
}

async fn it_is_back(visitor: &Visitor, base: &str) {
    within(BACK_WITHIN.as_secs(), "it is ready", async || visitor.open(base, "/readyz").await.0 == 200).await;
    assert_eq!(visitor.open(base, "/groups").await.0, 200);
}

fn nobody_met_a_fault_or_waited(ledger: &Ledger) {
    for told in &ledger.told {
        assert!(told.status.is_some_and(|status| status != 500), "{told:?}");
        assert!(!told.is_unknown() || told.took <= ANSWER_WITHIN, "{told:?}");
    }
}
