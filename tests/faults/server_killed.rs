//! The server is killed in the middle of its work, and started again.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tokio::time::sleep;

use crate::check::check;
use crate::load::Load;
use crate::report::{Over, recovered};
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_loses_nothing_and_is_back() {
    let site = Site::new().await;
    let mut server = site.serve().await;
    let base = server.url("");
    let load = Load::start(&site, std::slice::from_ref(&base));
    let mut times = Vec::new();
    for _ in 0..3 {
        sleep(Duration::from_secs(2)).await;
        server.signal(Signal::SIGKILL);
        let at = Instant::now();
        assert_eq!(server.end().await, None);
        let address = server.address.clone();
        server = site.serve_again(&address).await;
        sleep(Duration::from_secs(1)).await;
        times.push(Over { at, until: Instant::now() });
    }
    let ledger = load.end().await;
    assert!(ledger.unknown() > 0, "nothing was under way when it was killed");
    check(&site, &base, &ledger).await;
    recovered("the server is killed", &ledger, &times);
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}
