//! Killed processes, and the data after a restart.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pretty_assertions::assert_eq;

use super::private_postgres::token;
use super::processes::{DataDir, postmaster};
use crate::support::{JSON_API, Server, children, enrollment, is_running, wait_until};

#[tokio::test]
async fn restart_after_killing_everything_keeps_all_data() {
    let folder = DataDir::new();
    let (path, data) = (folder.path(), folder.text());
    let args = ["--data-dir", data];
    let mut server = Server::start(path, &args).await;
    let token = token(data).await;
    let http = reqwest::Client::new();
    let post = async |server: &Server, path: &str, body: String| {
        let request = http.post(server.url(path)).bearer_auth(&token);
        let answer = request.header("content-type", JSON_API).body(body).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    let group = r#"{"data":{"type":"workspace_group","attributes":{"name":"EMEA"}}}"#;
    let group = post(&server, "/v1/workspace-groups", group.to_owned()).await;
    let seeded = crate::support::run(&[
        "seed",
        "--groups",
        "1",
        "--workspaces",
        "1",
        "--people",
        "1",
        "--enrollments",
        "0",
        "--data-dir",
        data,
    ])
    .await;
    assert_eq!(seeded.status, 0, "{seeded:?}");
    let workspaces = http.get(server.url("/v1/workspaces")).bearer_auth(&token).send().await.unwrap();
    let workspaces: serde_json::Value = serde_json::from_str(&workspaces.text().await.unwrap()).unwrap();
    let workspace = workspaces["data"][0]["id"].as_str().unwrap();
    let pair = enrollment(group.rsplit('/').next().unwrap(), workspace).to_string();
    let enrolled = post(&server, "/v1/workspace-group-workspaces", pair).await;

    let first = postmaster(path);
    let mut all = children(first);
    all.insert(0, first);
    server.signal(Signal::SIGKILL);
    for pid in &all {
        // Some end by themselves once the first process is gone.
        kill(Pid::from_raw(*pid), Signal::SIGKILL).ok();
    }
    assert_eq!(server.end().await, None);
    wait_until(20, "every process has ended", async || !all.iter().any(|pid| is_running(*pid))).await;
    assert!(path.join("postgres/postmaster.pid").exists(), "no process was left to remove the file");

    let mut again = Server::start(path, &args).await;
    let existing = http.get(again.url(&enrolled)).bearer_auth(&token).send().await.unwrap();
    assert_eq!(existing.status(), 200);
    assert!(existing.text().await.unwrap().contains("\"deleted_at\":null"));
    again.signal(Signal::SIGTERM);
    assert_eq!(again.end().await, Some(0), "{}", again.log());
}

/// A killed server leaves its Postgres running; the next server takes it over and stops it.
#[tokio::test]
async fn next_server_takes_over_the_postgres_of_a_killed_one() {
    let folder = DataDir::new();
    let (path, args) = (folder.path(), ["--data-dir", folder.text()]);
    let mut server = Server::start(path, &args).await;
    let postgres = postmaster(path);
    server.signal(Signal::SIGKILL);
    assert_eq!(server.end().await, None);
    assert!(is_running(postgres));

    let mut next = Server::start(path, &args).await;
    assert_eq!(postmaster(path), postgres);
    next.signal(Signal::SIGTERM);
    assert_eq!(next.end().await, Some(0));
    wait_until(10, "Postgres has ended", async || !is_running(postgres)).await;
}
