//! The version before this one goes on while this one migrates its database and serves beside it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use tokio::time::sleep;

use crate::check::check;
use crate::cluster::free_port;
use crate::load::Load;
use crate::page::Visitor;
use crate::program::{Server, groupdesk, program, run};
use crate::report::{Over, recovered};
use crate::site::{Site, settings, succeeded};

fn previous() -> PathBuf {
    std::env::var_os("GROUPDESK_FAULTS_PREVIOUS")
        .expect("run me by script/faults, which builds the version before")
        .into()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_serve_one_database() {
    let previous = previous();
    let by_previous = |args: &[&str]| program(&previous, args);
    let site = Site::begun_by(by_previous, 200).await;
    site.operator_by(by_previous).await;
    let url = site.cluster.url();
    let address = |port: u16| format!("127.0.0.1:{port}");
    let (old_port, new_port) = (free_port(), free_port());
    let serve_old = program(&previous, &["serve"]);
    // Both are behind one address, which the names of their cookies depend on.
    let address_of_both = ["--public-url", "http://127.0.0.1"];
    // It does not know the other settings.
    let old_settings = [&["--database-url", &url, "--rate-limit", "off"], &address_of_both[..]].concat();
    let mut old = Server::launch(serve_old, &address(old_port), site.folder(), &old_settings).await;
    let by_old = Visitor::signed_in(&old.url("")).await;

    // Half of the clients find nobody yet.
    let bases = [old.url(""), format!("http://{}", address(new_port))];
    let load = Load::start(&site, &bases);
    sleep(Duration::from_secs(2)).await;
    let at = Instant::now();
    succeeded(&run(&["migrate", "--database-url", &url]).await);
    let new_settings = [&settings(&url)[..], &address_of_both].concat();
    let mut new =
        Server::launch(groupdesk(&["serve"]), &address(new_port), site.folder(), &new_settings).await;
    sleep(Duration::from_secs(4)).await;
    let times = [Over { at, until: Instant::now() }];
    for base in &bases {
        assert_eq!(by_old.open(base, "/readyz").await.0, 200, "{base}");
    }
    sessions_are_good_at_both(&by_old, &old, &new).await;
    let ledger = load.end().await;

    let at_the_old: Vec<_> = ledger.told.iter().filter(|told| told.port == old_port).collect();
    let failed: Vec<_> = at_the_old.iter().filter(|told| told.is_unknown()).collect();
    assert!(failed.is_empty(), "the old one could not go on: {failed:?}\n{}", old.log());
    assert!(at_the_old.iter().filter(|told| told.is_acknowledged() && told.begun > at).count() > 50);
    // What was done at one is known at the other.
    check(&site, &bases[0], &ledger).await;
    check(&site, &bases[1], &ledger).await;
    recovered("the next version begins to serve", &ledger, &times);
    for server in [&mut old, &mut new] {
        server.signal(Signal::SIGTERM);
        assert_eq!(server.end().await, Some(0), "{}", server.log());
    }
}

async fn sessions_are_good_at_both(by_old: &Visitor, old: &Server, new: &Server) {
    let by_new = Visitor::signed_in(&new.url("")).await;
    for (visitor, server) in [(by_old, old), (by_old, new), (&by_new, old), (&by_new, new)] {
        let (status, text, _) = visitor.open(&server.url(""), "/groups").await;
        assert_eq!(status, 200);
        assert!(text.contains("Ana Lima"), "not signed in: {text}");
    }
}
