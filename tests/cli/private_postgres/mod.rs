//! `groupdesk serve` with a private Postgres.

mod first_start;
mod full_disk;
mod log;
mod other_users;
mod ownership;
mod restart;
mod shutdown;
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
use crate::support::{Exit, Server, groupdesk, is_running, run, run_command, wait_until};

pub(super) async fn token(data_dir: &str) -> String {
    let args = ["token", "create", "--name", "robot", "--scope", "write", "--system"];
    let created = run(&[&args[..], &["--data-dir", data_dir]].concat()).await;
    assert_eq!(created.status, 0, "{created:?}");
    created.out.trim().to_owned()
}

/// Runs a command that must not wait for long.
async fn promptly(args: &[&str]) -> Exit {
    let mut command = groupdesk(args);
    let ends = run_command(&mut command);
    tokio::time::timeout(Duration::from_mins(1), ends).await.expect("an end within a minute")
}

/// Runs `program` through `wrapper`, with the same environment variables.
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

/// A connection to the private Postgres of this data directory.
async fn connect(data_dir: &Path) -> PgConnection {
    let options = PgConnectOptions::new().socket(data_dir.join("socket")).port(5432).username("groupdesk");
    options.database("groupdesk").connect().await.unwrap()
}

/// Creates a group through the API. Returns its path.
async fn create_group(server: &Server, token: &str, name: &str) -> String {
    match post_group(server, token, name).await {
        (201, Some(group)) => group,
        other => panic!("{other:?}"),
    }
}

/// The status and the path of the new group.
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
async fn private_postgres_starts_stops_and_keeps_its_data() {
    let folder = DataDir::new();
    let (path, data) = (folder.path(), folder.text());
    let args = ["--data-dir", data];

    let mut server = Server::start(path, &args).await;
    let postgres = postmaster(path);
    // A command uses the running server and leaves it running.
    let token = token(data).await;
    assert_eq!(postmaster(path), postgres);
    let group = create_group(&server, &token, "EMEA").await;

    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
    wait_until(10, "Postgres has ended", async || !is_running(postgres)).await;
    assert!(!path.join("postgres/postmaster.pid").exists());

    let mut server = Server::start(path, &args).await;
    assert_ne!(postmaster(path), postgres);
    assert_eq!(status(&server, &token, &group).await, 200);
    server.signal(Signal::SIGINT);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}

#[tokio::test]
async fn command_starts_postgres_for_its_own_run() {
    let folder = DataDir::new();
    let (path, data) = (folder.path(), folder.text());
    let first = run(&["migrate", "--data-dir", data]).await;
    assert_eq!(first.status, 0, "{first:?}");
    assert!(first.out.starts_with("applied "), "{first:?}");
    assert!(!path.join("postgres/postmaster.pid").exists());
    // Two concurrent commands share one server, and the last of them stops it.
    let args = ["migrate", "--data-dir", data];
    let (one, other) = futures::join!(run(&args), run(&args));
    for ended in [one, other] {
        assert_eq!((ended.status, ended.out.as_str()), (0, "nothing to apply\n"), "{ended:?}");
    }
    assert!(!path.join("postgres/postmaster.pid").exists());
}

#[tokio::test]
async fn used_address_fails_before_postgres_starts() {
    let folder = DataDir::new();
    let path = folder.path();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ended = run(&["serve", "--listen", &address, "--data-dir", folder.text()]).await;
    assert_eq!(ended.status, 1, "{ended:?}");
    assert!(ended.err.contains(&format!("cannot listen on {address}")), "{ended:?}");
    assert!(!path.join("postgres").exists());
}

/// Two servers share one directory, and the first one to stop leaves the database running.
#[tokio::test]
async fn last_user_stops_postgres() {
    let folder = DataDir::new();
    let (path, args) = (folder.path(), ["--data-dir", folder.text()]);
    let mut one = Server::start(path, &args).await;
    let mut other = Server::start(path, &args).await;
    let postgres = postmaster(path);

    one.signal(Signal::SIGTERM);
    assert_eq!(one.end().await, Some(0));
    assert!(is_running(postgres));
    let ready = reqwest::get(other.url("/readyz")).await.unwrap();
    assert_eq!(ready.status(), 200);
    other.signal(Signal::SIGTERM);
    assert_eq!(other.end().await, Some(0));
    wait_until(10, "Postgres has ended", async || !is_running(postgres)).await;
}
