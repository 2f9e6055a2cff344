//! Other users of the machine: what they put in our way is not used, and what they lock does not hold us up.

use std::collections::BTreeSet;
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, User, chown};
use pretty_assertions::assert_eq;
use tokio::net::UnixListener;

use super::promptly;
use crate::cli::processes::DataDir;
use crate::support::{Server, groupdesk};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Folders of ours in the temporary folder, where anybody may make one first.
fn in_temporary_folder() -> BTreeSet<String> {
    let names = std::fs::read_dir("/tmp").unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.filter_map(|name| name.into_string().ok());
    names.filter(|name| name.starts_with("groupdesk-") && !name.starts_with("groupdesk-test-")).collect()
}

#[tokio::test]
async fn a_deep_data_folder_needs_no_folder_elsewhere() {
    let folder = DataDir::new();
    let before = in_temporary_folder();
    let deep = folder.path().join("x".repeat(100)).join("y".repeat(100));
    let args = ["--data-dir", deep.to_str().unwrap()];
    let mut server = Server::start(folder.path(), &args).await;

    let listed = promptly(&[&["operator", "list"][..], &args].concat()).await;
    assert_eq!(listed.status, 0, "{listed:?}");
    assert!(deep.join("socket/.s.PGSQL.5432").exists());
    assert_eq!(mode(&deep.join("socket")), 0o700);
    assert_eq!(in_temporary_folder(), before);

    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}

/// Only root meets folders of other users that it could use.
#[tokio::test]
async fn a_socket_in_a_strangers_folder_is_sent_nothing() {
    if !Uid::effective().is_root() {
        return;
    }
    let folder = DataDir::new();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let socket = folder.path().join("socket");
    std::fs::create_dir(&socket).unwrap();
    let listener = UnixListener::bind(socket.join(".s.PGSQL.5432")).unwrap();
    let stranger = User::from_name("nobody").unwrap().expect("a user nobody");
    chown(&socket, Some(stranger.uid), Some(stranger.gid)).unwrap();

    let refused = promptly(&["operator", "list", "--data-dir", folder.text()]).await;

    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.err.contains(&format!("{} belongs to 'nobody'", socket.display())), "{refused:?}");
    let met = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
    assert!(met.is_err(), "somebody connected");
}

#[tokio::test]
async fn nobody_else_may_open_the_lock_files() {
    let folder = DataDir::new();
    let locks = ["start.lock", "users.lock"].map(|name| folder.path().join(name));
    // As a version before this one left it.
    File::create(&locks[0]).unwrap();
    std::fs::set_permissions(&locks[0], Permissions::from_mode(0o644)).unwrap();
    let ended = promptly(&["migrate", "--data-dir", folder.text()]).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    assert_eq!(locks.map(|path| mode(&path)), [0o600, 0o600]);
}

/// Locks a file of the folder, as a process does that had it open before it was protected.
pub(super) fn hold(folder: &DataDir, name: &str) -> File {
    let file = File::options().create(true).truncate(false).write(true).open(folder.path().join(name));
    let file = file.unwrap();
    file.try_lock().unwrap();
    file
}

#[tokio::test]
async fn a_command_that_finds_the_door_locked_gives_up_and_names_who_locked_it() {
    for name in ["start.lock", "users.lock"] {
        let folder = DataDir::new();
        let _held = hold(&folder, name);
        let refused = promptly(&["operator", "list", "--data-dir", folder.text()]).await;
        assert_eq!(refused.status, 1, "{refused:?}");
        assert!(refused.err.contains(&format!("process {} (", std::process::id())), "{refused:?}");
        let path = folder.path().join(name);
        assert!(refused.err.contains(&format!("has locked {}", path.display())), "{refused:?}");
        // It was said before it was given up, too.
        assert!(refused.err.contains("waiting: "), "{refused:?}");
    }
}

#[tokio::test]
async fn a_server_that_waits_for_a_lock_stops_when_it_is_told_to() {
    let folder = DataDir::new();
    let _held = hold(&folder, "start.lock");
    let log = folder.path().join("log");
    let mut server = groupdesk(&["serve", "--listen", "127.0.0.1:0", "--data-dir", folder.text()])
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    crate::support::within(20, "it waits", async || {
        std::fs::read_to_string(&log).unwrap().contains("waiting: ")
    })
    .await;
    let asked = Instant::now();
    kill(Pid::from_raw(i32::try_from(server.id().unwrap()).unwrap()), Signal::SIGTERM).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(10), server.wait()).await.expect("it stops");
    assert_eq!(ended.unwrap().code(), Some(0), "{}", std::fs::read_to_string(&log).unwrap());
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_lock_that_another_holds_does_not_keep_a_server_from_ending() {
    let folder = DataDir::new();
    let mut server = Server::start(folder.path(), &["--data-dir", folder.text()]).await;
    let held = hold(&folder, "start.lock");
    server.signal(Signal::SIGTERM);
    // Its Postgres could not be stopped, which is an error that says why.
    assert_eq!(server.end().await, Some(1), "{}", server.log());
    assert!(server.log().contains(&format!("process {} (", std::process::id())), "{}", server.log());
    drop(held);
}
