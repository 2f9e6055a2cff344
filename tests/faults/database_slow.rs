//! A database that is far away, and one in which others hold what is wanted.

use std::time::{Duration, Instant};

use sqlx::Connection as _;
use tokio::time::sleep;

use crate::check::check;
use crate::ledger::Told;
use crate::load::Load;
use crate::network::Network;
use crate::report::{Over, recovered};
use crate::site::Site;

/// Each way.
const DELAY: Duration = Duration::from_millis(40);
/// What a wait for a lock ends after, and a little for the rest of the request.
const CONTENDED_WITHIN: Duration = Duration::from_secs(7);

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_far_away_makes_answers_late_and_none_fail() {
    let site = Site::new().await;
    let network = Network::to(site.cluster.port()).await;
    let server = site.serve_by(network.port(), "20").await;
    let base = server.url("");
    let load = Load::start(&site, std::slice::from_ref(&base));
    sleep(Duration::from_secs(1)).await;
    network.slow(DELAY);
    sleep(Duration::from_secs(5)).await;
    network.slow(Duration::ZERO);
    let at = Instant::now();
    sleep(Duration::from_secs(1)).await;
    let times = [Over { at, until: Instant::now() }];
    let ledger = load.end().await;
    assert_eq!(ledger.unknown(), 0, "slow is not away: {}", server.log());
    assert!(ledger.longest() > DELAY * 4, "it was not slow at all");
    assert!(ledger.longest() < Duration::from_secs(5), "{:?}", ledger.longest());
    check(&site, &base, &ledger).await;
    recovered("the database is slow", &ledger, &times);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wants_what_others_hold_is_told_so_and_nobody_else_is_in_their_way() {
    let site = Site::new().await;
    let server = site.serve().await;
    let base = server.url("");
    let load = Load::start(&site, std::slice::from_ref(&base));
    sleep(Duration::from_secs(1)).await;
    let mut other = site.cluster.connect().await.unwrap();
    let mut transaction = other.begin().await.unwrap();
    // The group of the first client: whoever enrolls in it waits.
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
    let times = [Over { at, until: Instant::now() }];
    let ledger = load.end().await;
    assert!(ledger.unknown() > 0, "nobody waited in vain");
    assert!(ledger.longest() < CONTENDED_WITHIN, "{:?}", ledger.longest());
    let others = ledger.told.iter().filter(|told| told.begun > held && told.begun < at);
    let (late, quick): (Vec<&Told>, Vec<&Told>) = others.partition(|told| told.took > Duration::from_secs(1));
    assert!(quick.len() > 50 && late.len() < 5, "{} were late, {} were not", late.len(), quick.len());
    assert!(ledger.told.iter().all(|told| told.status.is_some_and(|status| status != 500)));
    check(&site, &base, &ledger).await;
    recovered("a group is locked by others", &ledger, &times);
}
