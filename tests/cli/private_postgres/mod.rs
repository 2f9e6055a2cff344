//! `groupdesk serve` with a Postgres of its own.

mod ending;
mod full_disk;
mod keeping;
mod log;
mod owners;
mod starting;
mod strangers;
mod versions;

use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::Signal;
use pretty_assertions::assert_eq;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions as _, PgConnection};
use tokio::process::Command;

use super::processes::{DataDir, postmaster};
use crate::support::{Ended, Server, ended, groupdesk, lives, run, within};

pub(super) async fn token(data_dir: &str) -> String {
    let args = ["token", "create", "--name", "robot", "--scope", "write", "--system"];
    let made = run(&[&args[..], &["--data-dir", data_dir]].concat()).await;
    assert_eq!(made.status, 0, "{made:?}");
    made.out.trim().to_owned()
}

/// How a command ends that must not wait for long.
async fn promptly(args: &[&str]) -> Ended {
    let mut command = groupdesk(args);
    let ends = ended(&mut command);
    tokio::time::timeout(Duration::from_mins(1), ends).await.expect("an end within a minute")
}

/// `program` run by `wrapper`, with the variables that it is to have.
fn wrapped(wrapper: &str, before: &[&str], program: &Command) -> Command {
    let program = program.as_std();
    let mut command = Command::new(wrapper);
    command.args(before).arg(program.get_program()).args(program.get_args()).kill_on_drop(true);
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

async fn is_ready(server: &Server) -> bool {
    reqwest::get(server.url("/readyz")).await.is_ok_and(|answer| answer.status() == 200)
}

/// A connection to the private Postgres of this data folder.
async fn connect(data_dir: &Path) -> PgConnection {
    let options = PgConnectOptions::new().socket(data_dir.join("socket")).port(5432).username("groupdesk");
    options.database("groupdesk").connect().await.unwrap()
}

/// Creates a group over the API; its path.
async fn create_group(server: &Server, token: &str, name: &str) -> String {
    match post_group(server, token, name).await {
        (201, Some(group)) => group,
        other => panic!("{other:?}"),
    }
}

/// The status, and the new group's path.
async fn post_group(server: &Server, token: &str, name: &str) -> (u16, Option<String>) {
    let answer = reqwest::Client::new()
        .post(server.url("/v1/workspace-groups"))
        .bearer_auth(token)
        .header("content-type", crate::support::JSON_API)
        .body(format!(r#"{{"data":{{"type":"workspace_group","attributes":{{"name":"{name}"}}}}}}"#))
        .send()
        .await
        .unwrap();
    let group = answer.headers().get("location").map(|path| path.to_str().unwrap().to_owned());
    (answer.status().as_u16(), group)
}

async fn status(server: &Server, token: &str, path: &str) -> u16 {
    let answer = reqwest::Client::new().get(server.url(path)).bearer_auth(token).send().await;
    answer.unwrap().status().as_u16()
}

#[tokio::test]
async fn it_starts_serves_stops_and_keeps_its_data() {
    let folder = DataDir::new();
    let (path, data) = (folder.path(), folder.text());
    let args = ["--data-dir", data];

    let mut server = Server::start(path, &args).await;
    let postgres = postmaster(path);
    // A command beside it uses the server that runs already, and leaves it running.
    let token = token(data).await;
    assert_eq!(postmaster(path), postgres);
    let group = create_group(&server, &token, "EMEA").await;

    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
    within(10, "Postgres has gone", async || !lives(postgres)).await;
    assert!(!path.join("postgres/postmaster.pid").exists());

    let mut server = Server::start(path, &args).await;
    assert_ne!(postmaster(path), postgres);
    assert_eq!(status(&server, &token, &group).await, 200);
    server.signal(Signal::SIGINT);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}

#[tokio::test]
async fn a_command_alone_starts_it_for_as_long_as_it_needs_it() {
    let folder = DataDir::new();
    let (path, data) = (folder.path(), folder.text());
    let first = run(&["migrate", "--data-dir", data]).await;
    assert_eq!(first.status, 0, "{first:?}");
    assert!(first.out.starts_with("applied "), "{first:?}");
    assert!(!path.join("postgres/postmaster.pid").exists());
    // Two at once share one server, and the last of them stops it.
    let args = ["migrate", "--data-dir", data];
    let (one, other) = futures::join!(run(&args), run(&args));
    for ended in [one, other] {
        assert_eq!((ended.status, ended.out.as_str()), (0, "nothing to apply\n"), "{ended:?}");
    }
    assert!(!path.join("postgres/postmaster.pid").exists());
}

#[tokio::test]
async fn an_address_in_use_is_a_failure_before_any_postgres_is_started() {
    let folder = DataDir::new();
    let path = folder.path();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run(&["serve", "--listen", &address, "--data-dir", folder.text()]).await;
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.err.contains(&format!("cannot listen on {address}")), "{ended:?}");
    assert!(!path.join("postgres").exists());
}

/// What of two servers on one folder is stopped first leaves the other its database.
#[tokio::test]
async fn the_last_user_stops_it() {
    let folder = DataDir::new();
    let (path, args) = (folder.path(), ["--data-dir", folder.text()]);
    let mut one = Server::start(path, &args).await;
    let mut other = Server::start(path, &args).await;
    let postgres = postmaster(path);

    one.signal(Signal::SIGTERM);
    assert_eq!(one.end().await, Some(0));
    assert!(lives(postgres));
    let ready = reqwest::get(other.url("/readyz")).await.unwrap();
    assert_eq!(ready.status(), 200);
    other.signal(Signal::SIGTERM);
    assert_eq!(other.end().await, Some(0));
    within(10, "Postgres has gone", async || !lives(postgres)).await;
}
