//! First starts: in new folders, cut short, and with data from elsewhere.

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
use crate::support::{ended, groupdesk, within};

/// Does an initdb run for this folder?
fn is_being_made(data_dir: &Path) -> bool {
    std::fs::read_dir("/proc").unwrap().flatten().any(|process| {
        let read = |name: &str| std::fs::read(process.path().join(name)).unwrap_or_default();
        let arguments = String::from_utf8_lossy(&read("cmdline")).into_owned();
        read("comm") == b"initdb\n" && arguments.contains(data_dir.to_str().unwrap())
    })
}

#[tokio::test]
async fn a_first_start_that_is_cut_short_is_done_again() {
    let folder = DataDir::new();
    for signal in [Signal::SIGTERM, Signal::SIGKILL] {
        let serve = ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder.text()];
        let mut server = groupdesk(&serve).stderr(Stdio::null()).spawn().unwrap();
        within(30, "the cluster is being made", async || is_being_made(folder.path())).await;
        kill(Pid::from_raw(i32::try_from(server.id().unwrap()).unwrap()), signal).unwrap();
        let ends = tokio::time::timeout(Duration::from_secs(10), server.wait());
        let code = ends.await.expect("an end within 10 s").unwrap().code();
        if signal == Signal::SIGTERM {
            assert_eq!(code, Some(0));
            within(1, "initdb has ended with it", async || !is_being_made(folder.path())).await;
        }
    }
    // The initdb of the killed server may still run.
    let listed = promptly(&["operator", "list", "--data-dir", folder.text()]).await;
    assert_eq!(listed.status, 0, "{listed:?}");
}

/// Only for root somebody else runs Postgres.
#[tokio::test]
async fn folders_that_root_makes_on_the_way_are_open_for_who_runs_postgres() {
    if !Uid::effective().is_root() {
        return;
    }
    let folder = DataDir::new();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let parent = folder.path().join("parent");
    let data = parent.join("data");
    let migrate = groupdesk(&["migrate", "--data-dir", data.to_str().unwrap()]);
    let mut careful = wrapped("sh", &["-c", "umask 077 && exec \"$@\"", "sh"], &migrate);

    let made = tokio::time::timeout(Duration::from_mins(1), ended(&mut careful)).await;

    let made = made.expect("an end within a minute");
    assert_eq!(made.status, 0, "{made:?}");
    for folder in [&parent, &data] {
        assert_eq!(std::fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o711);
    }
}

#[tokio::test]
async fn a_cluster_that_was_copied_here_keeps_its_data() {
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
