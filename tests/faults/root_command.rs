//! Root runs commands beside a service with its own user, data directory and private Postgres; then that
//! Postgres is killed. Only root can switch users, so the test does nothing for other users.

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
use crate::program::{Exit, Server, run, run_command};
use crate::report::{Recovery, assert_recovered};
use crate::site::{Contents, TOKEN, output_of};

/// The limit for a command.
const COMMAND_LIMIT: Duration = Duration::from_secs(20);

async fn promptly(command: impl Future<Output = Exit>) -> String {
    output_of(&timeout(COMMAND_LIMIT, command).await.expect("a command that ends"))
}

async fn connect(data: &OwnedDataDir) -> PgConnection {
    let socket = data.path().join("socket");
    let options = PgConnectOptions::new().socket(socket).port(5432).username("groupdesk");
    options.database("groupdesk").connect().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_of_root_do_not_disturb_the_service() {
    let Some(data) = OwnedDataDir::new() else { return };
    let logs = TempDir::new().unwrap();
    let place = ["--data-dir", data.text()];
    let address = format!("127.0.0.1:{}", free_port());
    let settings = [&place[..], &["--rate-limit", "off", "--address-rate-limit", "off"]].concat();
    let mut server = Server::launch(data.command(&["serve"]), &address, logs.path(), &settings).await;
    let token = promptly(run_command(&mut data.command(&[&TOKEN[..], &place].concat()))).await;
    let contents = Contents::insert(&mut connect(&data).await, token).await;
    let base = server.url("");
    let load = Load::start(&contents, std::slice::from_ref(&base));
    sleep(Duration::from_secs(2)).await;

    let started = Instant::now();
    for _ in 0..3 {
        promptly(run(&[&["operator", "list"][..], &place].concat())).await;
    }
    sleep(Duration::from_secs(1)).await;
    let ended_at = Instant::now();
    let first = find_postmaster(data.path()).expect("a running Postgres");
    for pid in [vec![first], children(first)].concat() {
        // Some end by themselves once the first process is gone.
        kill(Pid::from_raw(pid), Signal::SIGKILL).ok();
    }
    let at = Instant::now();
    sleep(Duration::from_secs(8)).await;
    let times = [Recovery { at, until: Instant::now() }];
    let ack_log = load.end().await;

    let during = ack_log
        .exchanges
        .iter()
        .filter(|exchange| exchange.started >= started && exchange.started + exchange.duration < ended_at);
    let during: Vec<_> = during.collect();
    assert!(during.len() > 50, "there was no load");
    let failed: Vec<_> = during.iter().filter(|exchange| exchange.is_unknown()).collect();
    assert!(failed.is_empty(), "commands of root disturbed the service: {failed:?}\n{}", server.log());
    assert!(data.not_owned().is_empty(), "files with a changed owner: {:?}", data.not_owned());
    check_in(&mut connect(&data).await, &contents, &base, &ack_log).await;
    assert_recovered("a private Postgres is killed", &ack_log, &times);
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}
