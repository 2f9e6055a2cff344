//! Postgres is killed, every process of it at once, and started again a while later.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::check::check;
use crate::load::Load;
use crate::report::{ANSWER_WITHIN, Over, recovered};
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_is_killed_loses_nothing_and_is_found_again() {
    let mut site = Site::new().await;
    let server = site.serve().await;
    let base = server.url("");
    let load = Load::start(&site, std::slice::from_ref(&base));
    let mut times = Vec::new();
    let mut away = Vec::new();
    for pause in [0, 3] {
        sleep(Duration::from_secs(2)).await;
        let gone = Instant::now();
        site.cluster.kill().await;
        sleep(Duration::from_secs(pause)).await;
        let at = Instant::now();
        away.push((gone, at));
        site.cluster.launch().await;
        sleep(Duration::from_secs(2)).await;
        times.push(Over { at, until: Instant::now() });
    }
    let ledger = load.end().await;
    assert!(ledger.unknown() > 0, "nothing was under way when it was killed");
    for told in &ledger.told {
        // The server itself is there all the time, and has a word for everybody.
        assert!(told.status.is_some(), "no answer: {told:?}");
        let is_away = away.iter().any(|(from, until)| told.begun >= *from && told.begun < *until);
        assert!(!is_away || told.took <= ANSWER_WITHIN, "{told:?}");
    }
    check(&site, &base, &ledger).await;
    recovered("Postgres is killed", &ledger, &times);
}
