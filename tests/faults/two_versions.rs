//! The previous version keeps running while this version migrates the database and serves beside it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tokio::time::sleep;

use crate::check::check;
use crate::cluster::free_port;
use crate::load::Load;
use crate::page::Visitor;
use crate::program::{Server, groupdesk, program, run};
use crate::report::{Recovery, assert_recovered};
use crate::site::{Site, output_of, settings};

fn previous() -> PathBuf {
    std::env::var_os("GROUPDESK_FAULTS_PREVIOUS")
        .expect("set by script/faults, which builds the previous version")
        .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_share_one_database() {
    let previous = previous();
    let by_previous = |args: &[&str]| program(&previous, args);
    let site = Site::initialized_by(by_previous, 200).await;
    site.operator_by(by_previous).await;
    let url = site.cluster.url();
    let address = |port: u16| format!("127.0.0.1:{port}");
    let (old_port, new_port) = (free_port(), free_port());
    let serve_old = program(&previous, &["serve"]);
    // Both are behind one public address, which determines the names of their cookies.
    let address_of_both = ["--public-url", "http://127.0.0.1"];
    // The previous version does not know the other settings.
    let old_settings = [&["--database-url", &url, "--rate-limit", "off"], &address_of_both[..]].concat();
    let mut old = Server::launch(serve_old, &address(old_port), site.folder(), &old_settings).await;
    let by_old = Visitor::signed_in(&old.url("")).await;

    // Half of the clients have no server yet.
    let bases = [old.url(""), format!("http://{}", address(new_port))];
    let load = Load::start(&site, &bases);
    sleep(Duration::from_secs(2)).await;
    let at = Instant::now();
    output_of(&run(&["migrate", "--database-url", &url]).await);
    let new_settings = [&settings(&url)[..], &address_of_both].concat();
    let mut new =
        Server::launch(groupdesk(&["serve"]), &address(new_port), site.folder(), &new_settings).await;
    sleep(Duration::from_secs(4)).await;
    let times = [Recovery { at, until: Instant::now() }];
    for base in &bases {
        assert_eq!(by_old.open(base, "/readyz").await.0, 200, "{base}");
    }
    assert_sessions_work_at_both(&by_old, &old, &new).await;
    let ack_log = load.end().await;

    let at_the_old: Vec<_> = ack_log.exchanges.iter().filter(|exchange| exchange.port == old_port).collect();
    let failed: Vec<_> = at_the_old.iter().filter(|exchange| exchange.is_unknown()).collect();
    assert!(failed.is_empty(), "requests to the old version failed: {failed:?}\n{}", old.log());
    assert!(
        at_the_old.iter().filter(|exchange| exchange.is_acknowledged() && exchange.started > at).count() > 50
    );
    // Changes through one server are visible at the other.
    check(&site, &bases[0], &ack_log).await;
    check(&site, &bases[1], &ack_log).await;
    assert_recovered("the next version starts serving", &ack_log, &times);
    for server in [&mut old, &mut new] {
        server.signal(Signal::SIGTERM);
        assert_eq!(server.end().await, Some(0), "{}", server.log());
    }
}

async fn assert_sessions_work_at_both(by_old: &Visitor, old: &Server, new: &Server) {
    let by_new = Visitor::signed_in(&new.url("")).await;
    for (visitor, server) in [(by_old, old), (by_old, new), (&by_new, old), (&by_new, new)] {
        let (status, text, _) = visitor.open(&server.url(""), "/groups").await;
        assert_eq!(status, 200);
        assert!(text.contains("Ana Lima"), "not signed in: {text}");
    }
}
