//! The network loses the database: it says nothing, or it breaks every connection.

use std::time::{Duration, Instant};

use reqwest::Client as Http;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::check::check;
use crate::client::JSON_API;
use crate::ledger::Ledger;
use crate::load::Load;
use crate::network::Network;
use crate::page::Visitor;
use crate::program::within;
use crate::report::{ANSWER_WITHIN, BACK_WITHIN, Over, recovered};
use crate::site::Site;

/// For how long it is lost: for longer than anything waits by itself.
const AWAY: Duration = Duration::from_secs(6);

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_falls_silent_for_a_while() {
    is_lost("the network is silent for a while", Network::fall_silent, Network::return_to_all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_falls_silent_and_forgets_whom_it_knew() {
    is_lost("the network forgets connections", Network::fall_silent, Network::return_to_the_new).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_breaks_every_connection() {
    is_lost("the network breaks connections", Network::refuse, Network::refuse_no_more).await;
}

async fn is_lost(fault: &str, lose: fn(&Network), mend: fn(&Network)) {
    let site = Site::new().await;
    site.operator().await;
    let network = Network::to(site.cluster.port()).await;
    let server = site.serve_by(network.port(), "20").await;
    let base = server.url("");
    let mut visitor = Visitor::signed_in(&base).await;
    visitor.listen(&base).await;
    let load = Load::start(&site, std::slice::from_ref(&base));
    sleep(Duration::from_secs(2)).await;

    lose(&network);
    let gone = Instant::now();
    while gone.elapsed() < AWAY {
        api_says_so(&site, &base).await;
        pages_say_so(&visitor, &base).await;
        sleep(Duration::from_millis(200)).await;
    }
    mend(&network);
    let at = Instant::now();
    within(BACK_WITHIN.as_secs(), "pages are back", async || visitor.open(&base, "/").await.0 == 200).await;
    within(BACK_WITHIN.as_secs(), "it is ready", async || visitor.open(&base, "/readyz").await.0 == 200)
        .await;
    hears_again(&site, &visitor, &base, at).await;
    // Whom the network forgot may hold locks for as long as Postgres takes to notice.
    sleep((at + Duration::from_secs(5)).saturating_duration_since(Instant::now())).await;

    let times = [Over { at, until: Instant::now() }];
    let ledger = load.end().await;
    nobody_waited(&ledger, gone, at);
    check(&site, &base, &ledger).await;
    recovered(fault, &ledger, &times);
}

async fn api_says_so(site: &Site, base: &str) {
    let begun = Instant::now();
    let http = Http::new();
    let answer = http.get(format!("{base}/v1/people")).bearer_auth(&site.token).send().await.unwrap();
    assert!(begun.elapsed() <= ANSWER_WITHIN, "{:?}", begun.elapsed());
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].as_bytes()), (503, &b"1"[..]));
    let body: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(body["errors"][0]["code"], "UNAVAILABLE", "{body}");
}

async fn pages_say_so(visitor: &Visitor, base: &str) {
    for (path, status, words) in [
        ("/", 503, "The desk is away for a moment"),
        ("/audit", 503, "The desk is away for a moment"),
        ("/readyz", 503, "the database is away"),
        ("/healthz", 200, "ok"),
    ] {
        let (found, text, took) = visitor.open(base, path).await;
        assert_eq!(found, status, "{path}: {text}");
        assert!(text.contains(words), "{path}: {text}");
        assert!(took <= ANSWER_WITHIN, "{path}: {took:?}");
    }
}

/// An open page is told of what happens after the outage.
async fn hears_again(site: &Site, visitor: &Visitor, base: &str, at: Instant) {
    let left = BACK_WITHIN.saturating_sub(at.elapsed()).as_secs();
    within(left, "an open page hears of changes again", async || {
        let before = Instant::now();
        let group = json!({ "data": { "type": "workspace_group", "attributes": { "name": "EMEA" } } });
        let create = Http::new().post(format!("{base}/v1/workspace-groups")).bearer_auth(&site.token);
        let create = create.header("content-type", JSON_API).body(group.to_string()).send().await.unwrap();
        sleep(Duration::from_millis(700)).await;
        create.status() == 201 && visitor.has_heard_since(before)
    })
    .await;
}

/// Whoever asked while it was away, or was waiting when it went, was told within the time.
fn nobody_waited(ledger: &Ledger, gone: Instant, at: Instant) {
    let mut told_so = 0;
    for told in ledger.told.iter().filter(|told| told.begun < at && told.begun + told.took > gone) {
        let waited = (told.begun + told.took) - told.begun.max(gone);
        assert!(waited <= ANSWER_WITHIN, "{told:?}");
        if told.begun > gone && told.begun + told.took < at {
            assert_eq!(told.status, Some(503), "{told:?}");
            told_so += 1;
        }
    }
    assert!(told_so > 20, "{told_so}");
}
