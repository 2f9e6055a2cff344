//! Root runs commands beside a service that has a user, a data folder and a private Postgres of its own; and
//! then that Postgres is killed. Only root can act as another user: run by anybody else, there is nothing to see.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::check::check_in;
use crate::cluster::free_port;
use crate::load::Load;
use crate::owned::OwnedDataDir;
use crate::processes::{children, find_postmaster};
use crate::program::{Ended, Server, ended, run};
use crate::report::{Over, recovered};
use crate::site::{Contents, TOKEN, succeeded};

/// No command has a reason to take so long.
const COMMAND_WITHIN: Duration = Duration::from_secs(20);

async fn promptly(command: impl Future<Output = Ended>) -> String {
    succeeded(&timeout(COMMAND_WITHIN, command).await.expect("a command that ends"))
}

async fn connect(data: &OwnedDataDir) -> PgConnection {
    let socket = data.path().join("socket");
    let options = PgConnectOptions::new().socket(socket).port(5432).username("groupdesk");
    options.database("groupdesk").connect().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_of_root_disturb_no_service_and_a_private_postgres_comes_back() {
    let Some(data) = OwnedDataDir::new() else { return };
    let logs = TempDir::new().unwrap();
    let place = ["--data-dir", data.text()];
    let address = format!("127.0.0.1:{}", free_port());
    let settings = [&place[..], &["--rate-limit", "off", "--address-rate-limit", "off"]].concat();
    let mut server = Server::launch(data.command(&["serve"]), &address, logs.path(), &settings).await;
    let token = promptly(ended(&mut data.command(&[&TOKEN[..], &place].concat()))).await;
    let contents = Contents::made(&mut connect(&data).await, token).await;
    let base = server.url("");
    let load = Load::start(&contents, std::slice::from_ref(&base));
    sleep(Duration::from_secs(2)).await;

    let begun = Instant::now();
    for _ in 0..3 {
        promptly(run(&[&["operator", "list"][..], &place].concat())).await;
    }
    sleep(Duration::from_secs(1)).await;
    let ended_at = Instant::now();
    let first = find_postmaster(data.path()).expect("a running Postgres");
    for pid in [vec![first], children(first)].concat() {
        // Some end by themselves once the first is gone.
        kill(Pid::from_raw(pid), Signal::SIGKILL).ok();
    }
    let at = Instant::now();
    sleep(Duration::from_secs(8)).await;
    let times = [Over { at, until: Instant::now() }];
    let ledger = load.end().await;

    let beside = ledger.told.iter().filter(|told| told.begun >= begun && told.begun + told.took < ended_at);
    let beside: Vec<_> = beside.collect();
    assert!(beside.len() > 50, "there was no load");
    let failed: Vec<_> = beside.iter().filter(|told| told.is_unknown()).collect();
    assert!(failed.is_empty(), "commands of root disturbed the service: {failed:?}\n{}", server.log());
    assert!(data.foreign().is_empty(), "taken from the service: {:?}", data.foreign());
    check_in(&mut connect(&data).await, &contents, &base, &ledger).await;
    recovered("a private Postgres is killed", &ledger, &times);
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}
