//! First starts: in new directories, interrupted ones, and with copied data.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid};
use pretty_assertions::assert_eq;
use tokio::process::Command;

use super::{promptly, token, wrapped};
use crate::cli::processes::DataDir;
use crate::support::{groupdesk, run_command, wait_until};

/// Whether an initdb runs for this directory.
fn is_being_initialized(data_dir: &Path) -> bool {
    std::fs::read_dir("/proc").unwrap().flatten().any(|process| {
        let read = |name: &str| std::fs::read(process.path().join(name)).unwrap_or_default();
        let arguments = String::from_utf8_lossy(&read("cmdline")).into_owned();
        read("comm") == b"initdb\n" && arguments.contains(data_dir.to_str().unwrap())
    })
}

#[tokio::test]
async fn interrupted_first_start_is_repeated() {
    let folder = DataDir::new();
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder.text()];
        let mut server = groupdesk(&serve).stderr(Stdio::null()).spawn().unwrap();
        wait_until(30, "the cluster is being initialized", async || is_being_initialized(folder.path()))
            .await;
        kill(Pid::from_raw(i32::try_from(server.id().unwrap()).unwrap()), signal).unwrap();
        let ends = tokio::time::timeout(Duration::from_secs(10), server.wait());
        let code = ends.await.expect("an end within 10 s").unwrap().code();
        if signal == Signal::SIGTERM {
            assert_eq!(code, Some(0));
            wait_until(1, "initdb has ended with the server", async || !is_being_initialized(folder.path()))
                .await;
        }
    }
    // The initdb of the killed server may still be running.
    let listed = promptly(&["operator", "list", "--data-dir", folder.text()]).await;
    assert_eq!(listed.status, 0, "{listed:?}");
}

/// Only for root another user runs Postgres.
#[tokio::test]
async fn parent_directories_are_accessible_to_the_postgres_user() {
    if !Uid::effective().is_root() {
        return;
    }
    let folder = DataDir::new();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let parent = folder.path().join("parent");
    let data = parent.join("data");
    let migrate = groupdesk(&["migrate", "--data-dir", data.to_str().unwrap()]);
    let mut careful = wrapped("sh", &["-c", "umask 077 && exec \"$@\"", "sh"], &migrate);

    let created = tokio::time::timeout(Duration::from_mins(1), run_command(&mut careful)).await;

    let created = created.expect("an end within a minute");
    assert_eq!(created.status, 0, "{created:?}");
    for folder in [&parent, &data] {
        assert_eq!(std::fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o711);
    }
}

#[tokio::test]
async fn copied_cluster_keeps_its_data() {
    let (from, to) = (DataDir::new(), DataDir::new());
    token(from.text()).await;
    let copied = Command::new("cp").arg("-a").arg(from.path().join("postgres")).arg(to.path()).status().await;
    assert!(copied.unwrap().success());
    for _ in 0..2 {
        let listed = promptly(&["token", "list", "--data-dir", to.text()]).await;
        assert_eq!(listed.status, 0, "{listed:?}");
        assert!(listed.out.contains("\trobot\t"), "{listed:?}");
    }
}
