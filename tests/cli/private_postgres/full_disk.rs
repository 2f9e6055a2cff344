//! The disk of a private Postgres is full, and later has space again.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};
use pretty_assertions::assert_eq;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::{post_group, status, wrapped};
use crate::support::{PASSWORD, Server, find_postmaster, groupdesk, is_running, run_command, wait_until};

/// A server whose data directory is a small file system in memory, in its own mount namespace. Only root
/// can create one.
struct SmallDisk {
    server: Server,
    folder: TempDir,
    /// The data directory as seen from the test.
    data: PathBuf,
    _logs: TempDir,
}

impl SmallDisk {
    async fn start() -> Option<Self> {
        // Root in a container may lack the permission, too.
        let may_mount = Uid::effective().is_root()
            && run_command(Command::new("unshare").args(["--mount", "true"])).await.status == 0;
        if !may_mount {
            return None;
        }
        let (logs, folder) = (tempfile::tempdir().unwrap(), TempDir::with_prefix("desk").unwrap());
        let path = folder.path().to_str().unwrap();
        let script = "mount -t tmpfs -o size=160m,mode=755 none \"$0\" && exec \"$@\"";
        let serve = wrapped("unshare", &["--mount", "sh", "-c", script, path], &groupdesk(&["serve"]));
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let server = Server::launch(serve, &address, logs.path(), &["--data-dir", path]).await;
        let data = PathBuf::from(format!("/proc/{}/root{path}", server.id()));
        Some(Self { server, folder, data, _logs: logs })
    }

    /// A command in the mount namespace of the server.
    fn command(&self, args: &[&str]) -> Command {
        let inside = format!("--mount=/proc/{}/ns/mnt", self.server.id());
        let data_dir = ["--data-dir", self.folder.path().to_str().unwrap()];
        wrapped("nsenter", &[&inside], &groupdesk(&[args, &data_dir].concat()))
    }

    async fn token(&self) -> String {
        let create = ["token", "create", "--name", "robot", "--scope", "write", "--system"];
        let created = run_command(&mut self.command(&create)).await;
        assert_eq!(created.status, 0, "{created:?}");
        created.out.trim().to_owned()
    }

    /// Adds an operator with [`PASSWORD`].
    async fn operator(&self, email: &str) {
        let add = [
            "operator",
            "add",
            "--name",
            "Ana Lima",
            "--role",
            "admin",
            "--email",
            email,
            "--password-stdin",
        ];
        let mut add = self.command(&add).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut input = add.stdin.take().unwrap();
        input.write_all(format!("{PASSWORD}\n").as_bytes()).await.unwrap();
        drop(input);
        assert!(add.wait().await.unwrap().success());
    }

    /// The status of a sign-in that writes much into the session and little elsewhere.
    async fn sign_in(&self, email: &str) -> u16 {
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        let browser = browser.user_agent("x".repeat(300)).build().unwrap();
        let form = [("email", email), ("password", PASSWORD)];
        let request = browser.post(self.server.url("/api/fn/sign-in")).form(&form);
        let request = request.header("sec-fetch-site", "same-origin").header("accept", "text/html");
        request.send().await.unwrap().status().as_u16()
    }

    /// Uses all remaining space.
    fn fill(&self) {
        let mut filler = File::create(self.data.join("filler")).unwrap();
        let block = [0; 4096];
        let full = loop {
            if let Err(error) = filler.write_all(&block) {
                break error;
            }
        };
        assert_eq!(full.kind(), ErrorKind::StorageFull);
    }

    fn free(&self) {
        std::fs::remove_file(self.data.join("filler")).unwrap();
    }

    async fn get(&self, path: &str) -> u16 {
        reqwest::get(self.server.url(path)).await.unwrap().status().as_u16()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if let Some(pid) = find_postmaster(&self.data) {
            kill(Pid::from_raw(pid), Signal::SIGQUIT).ok();
        }
    }
}

#[tokio::test]
async fn full_disk_is_reported_loses_nothing_and_recovers() {
    let Some(mut disk) = SmallDisk::start().await else { return };
    let token = disk.token().await;
    let mut acknowledged = Vec::new();
    for round in 0..2 {
        disk.fill();
        // Space on half-filled pages is used up first.
        for number in 0..2000 {
            let name = format!("{round} {number} {}", "x".repeat(150));
            match post_group(&disk.server, &token, &name).await {
                (201, Some(group)) => acknowledged.push(group),
                (code, _) => {
                    assert_eq!(code, 503);
                    break;
                }
            }
        }
        assert_eq!((disk.get("/readyz").await, disk.get("/healthz").await), (503, 200));
        if round == 1 {
            // The server cannot recover while the disk is full.
            let postgres = find_postmaster(&disk.data).unwrap();
            kill(Pid::from_raw(postgres), Signal::SIGKILL).unwrap();
            wait_until(20, "the process has ended", async || !is_running(postgres)).await;
            wait_until(20, "a restart is attempted", async || {
                disk.server.log().contains("could not be started again")
            })
            .await;
            assert_eq!((disk.get("/readyz").await, disk.get("/healthz").await), (503, 200));
        }
        disk.free();
        wait_until(40, "the server is ready again", async || disk.get("/readyz").await == 200).await;
        let (code, group) = post_group(&disk.server, &token, "There is room").await;
        assert_eq!(code, 201);
        acknowledged.extend(group);
    }
    for group in &acknowledged {
        assert_eq!(status(&disk.server, &token, group).await, 200, "{group}");
    }
    disk.server.signal(Signal::SIGTERM);
    assert_eq!(disk.server.end().await, Some(0), "{}", disk.server.log());
}

/// Here only the session cannot be written.
#[tokio::test]
async fn full_disk_is_noticed_by_sign_ins() {
    let Some(mut disk) = SmallDisk::start().await else { return };
    let email = "ana@example.com";
    disk.operator(email).await;
    assert_eq!(disk.sign_in(email).await, 302);
    disk.fill();
    let mut statuses = Vec::new();
    while statuses.len() < 60 && statuses.iter().all(|status| *status == 302) {
        statuses.push(disk.sign_in(email).await);
    }
    assert!(statuses.last().is_some_and(|status| *status >= 500), "{statuses:?}");
    assert_eq!((disk.get("/readyz").await, disk.get("/healthz").await), (503, 200));
    disk.free();
    wait_until(40, "the server is ready again", async || disk.get("/readyz").await == 200).await;
    assert_eq!(disk.sign_in(email).await, 302);
    disk.server.signal(Signal::SIGTERM);
    assert_eq!(disk.server.end().await, Some(0), "{}", disk.server.log());
}
