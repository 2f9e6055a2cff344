//! All processes of Postgres are killed at once, and it is started again later.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::check::check;
use crate::load::Load;
use crate::report::{RESPONSE_LIMIT, Recovery, assert_recovered};
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn killed_postgres_loses_nothing_and_is_reconnected() {
    let mut site = Site::new().await;
    let server = site.serve().await;
    let base = server.url("");
    let load = Load::start(&site, std::slice::from_ref(&base));
    let mut times = Vec::new();
    let mut outages = Vec::new();
    for pause in [0, 3] {
        sleep(Duration::from_secs(2)).await;
        let gone = Instant::now();
        site.cluster.kill().await;
        sleep(Duration::from_secs(pause)).await;
        let at = Instant::now();
        outages.push((gone, at));
        site.cluster.launch().await;
        sleep(Duration::from_secs(2)).await;
        times.push(Recovery { at, until: Instant::now() });
    }
    let ack_log = load.end().await;
    assert!(ack_log.unknown() > 0, "no request was running when it was killed");
    for exchange in &ack_log.exchanges {
        // The server itself is available all the time and answers every request.
        assert!(exchange.status.is_some(), "no response: {exchange:?}");
        let in_outage =
            outages.iter().any(|(from, until)| exchange.started >= *from && exchange.started < *until);
        assert!(!in_outage || exchange.duration <= RESPONSE_LIMIT, "{exchange:?}");
    }
    check(&site, &base, &ack_log).await;
    assert_recovered("Postgres is killed", &ack_log, &times);
}
