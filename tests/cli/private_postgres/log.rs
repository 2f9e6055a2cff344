//! Files and shared memory of a private Postgres that runs for a long time.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use pretty_assertions::assert_eq;
use sqlx::Connection as _;

use super::connect;
use crate::cli::processes::{DataDir, postmaster};
use crate::support::{Server, wait_until};

const MIB: u64 = 1024 * 1024;

/// The size of all Postgres logs in the directory.
fn logs(cluster: &Path) -> u64 {
    let entries = std::fs::read_dir(cluster).unwrap().map(|entry| entry.unwrap());
    let logs = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("server.log"));
    logs.map(|entry| entry.metadata().unwrap().len()).sum()
}

fn append(log: &Path, mib: usize) {
    let mut log = File::options().append(true).open(log).unwrap();
    let line = format!("{}\n", "x".repeat(1023));
    log.write_all(line.repeat(mib * 1024).as_bytes()).unwrap();
}

#[tokio::test]
async fn log_size_is_bounded() {
    let folder = DataDir::new();
    let cluster = folder.path().join("postgres");
    let log = cluster.join("server.log");
    let args = ["--data-dir", folder.text()];
    let mut server = Server::start(folder.path(), &args).await;
    for _ in 0..2 {
        append(&log, 30);
        wait_until(20, "the log is truncated", async || logs(&cluster) <= 20 * MIB).await;
    }
    // Postgres continues to write into the truncated file.
    kill(Pid::from_raw(postmaster(folder.path())), Signal::SIGHUP).unwrap();
    wait_until(10, "Postgres writes to the log again", async || {
        std::fs::read_to_string(&log).unwrap().lines().any(|line| line.contains("SIGHUP"))
    })
    .await;
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());

    append(&log, 30);
    let ended = super::promptly(&["migrate", "--data-dir", folder.text()]).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    assert!(logs(&cluster) <= 20 * MIB);
}

/// If its owner is a person, the end of their last login session deletes their files in /dev/shm.
#[tokio::test]
async fn shared_memory_survives_the_end_of_login_sessions() {
    let folder = DataDir::new();
    let mut server = Server::start(folder.path(), &["--data-dir", folder.text()]).await;
    let mut connection = connect(folder.path()).await;
    let kind: String =
        sqlx::query_scalar("SHOW dynamic_shared_memory_type").fetch_one(&mut connection).await.unwrap();
    assert_eq!(kind, "mmap");
    connection.close().await.unwrap();
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", postmaster(folder.path()))).unwrap();
    let removable: Vec<&str> = maps.lines().filter(|line| line.contains("/dev/shm/")).collect();
    assert_eq!(removable, Vec::<&str>::new());
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}
