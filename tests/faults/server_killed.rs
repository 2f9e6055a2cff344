//! The server is killed under load, and started again.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tokio::time::sleep;

use crate::check::check;
use crate::load::Load;
use crate::report::{Recovery, assert_recovered};
use crate::site::Site;

#[tokio::test(flavor = "multi_thread")]
async fn killed_server_loses_nothing_and_recovers() {
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
        times.push(Recovery { at, until: Instant::now() });
    }
    let ack_log = load.end().await;
    assert!(ack_log.unknown() > 0, "no request was running when it was killed");
    check(&site, &base, &ack_log).await;
    assert_recovered("the server is killed", &ack_log, &times);
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}
