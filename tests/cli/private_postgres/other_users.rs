//! Other users of the machine: their files are not used, and their locks do not block us.

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

/// Our directories in the temporary directory, where every user could create one first.
fn in_temporary_folder() -> BTreeSet<String> {
    let names = std::fs::read_dir("/tmp").unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.filter_map(|name| name.into_string().ok());
    names.filter(|name| name.starts_with("groupdesk-") && !name.starts_with("groupdesk-test-")).collect()
}

#[tokio::test]
async fn deep_data_directory_needs_no_other_directory() {
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

/// Only root has access to directories of other users.
#[tokio::test]
async fn socket_of_another_user_is_not_used() {
    if !Uid::effective().is_root() {
        return;
    }
    let folder = DataDir::new();
    std::fs::set_permissions(folder.path(), Permissions::from_mode(0o777)).unwrap();
    let socket = folder.path().join("socket");
    std::fs::create_dir(&socket).unwrap();
    let listener = UnixListener::bind(socket.join(".s.PGSQL.5432")).unwrap();
    let nobody = User::from_name("nobody").unwrap().expect("a user nobody");
    chown(&socket, Some(nobody.uid), Some(nobody.gid)).unwrap();

    let refused = promptly(&["operator", "list", "--data-dir", folder.text()]).await;

    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.err.contains(&format!("{} belongs to 'nobody'", socket.display())), "{refused:?}");
    let accepted = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
    assert!(accepted.is_err(), "a client connected");
}

#[tokio::test]
async fn lock_files_are_private() {
    let folder = DataDir::new();
    let locks = ["start.lock", "users.lock"].map(|name| folder.path().join(name));
    // An earlier version left the file with these permissions.
    File::create(&locks[0]).unwrap();
    std::fs::set_permissions(&locks[0], Permissions::from_mode(0o644)).unwrap();
    let ended = promptly(&["migrate", "--data-dir", folder.text()]).await;
    assert_eq!(ended.status, 0, "{ended:?}");
    assert_eq!(locks.map(|path| mode(&path)), [0o600, 0o600]);
}

/// Locks a file of the directory, as a process does that opened it before it was protected.
pub(super) fn hold(folder: &DataDir, name: &str) -> File {
    let file = File::options().create(true).truncate(false).write(true).open(folder.path().join(name));
    let file = file.unwrap();
    file.try_lock().unwrap();
    file
}

#[tokio::test]
async fn locked_command_gives_up_and_names_the_holder() {
    for name in ["start.lock", "users.lock"] {
        let folder = DataDir::new();
        let _held = hold(&folder, name);
        let refused = promptly(&["operator", "list", "--data-dir", folder.text()]).await;
        assert_eq!(refused.status, 1, "{refused:?}");
        assert!(refused.err.contains(&format!("process {} (", std::process::id())), "{refused:?}");
        let path = folder.path().join(name);
        assert!(refused.err.contains(&format!("has locked {}", path.display())), "{refused:?}");
        // The command also reported it while it was waiting.
        assert!(refused.err.contains("waiting: "), "{refused:?}");
    }
}

#[tokio::test]
async fn server_that_waits_for_a_lock_can_be_stopped() {
    let folder = DataDir::new();
    let _held = hold(&folder, "start.lock");
    let log = folder.path().join("log");
    let mut server = groupdesk(&["serve", "--listen", "127.0.0.1:0", "--data-dir", folder.text()])
        .stderr(File::create(&log).unwrap())
        .spawn()
        .unwrap();
    crate::support::wait_until(20, "the command waits", async || {
        std::fs::read_to_string(&log).unwrap().contains("waiting: ")
    })
    .await;
    let started = Instant::now();
    kill(Pid::from_raw(i32::try_from(server.id().unwrap()).unwrap()), Signal::SIGTERM).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(10), server.wait()).await.expect("the server stops");
    assert_eq!(ended.unwrap().code(), Some(0), "{}", std::fs::read_to_string(&log).unwrap());
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[tokio::test]
async fn foreign_lock_does_not_prevent_shutdown() {
    let folder = DataDir::new();
    let mut server = Server::start(folder.path(), &["--data-dir", folder.text()]).await;
    let held = hold(&folder, "start.lock");
    server.signal(Signal::SIGTERM);
    // Its Postgres could not be stopped, which is an error with a reason.
    assert_eq!(server.end().await, Some(1), "{}", server.log());
    assert!(server.log().contains(&format!("process {} (", std::process::id())), "{}", server.log());
    drop(held);
}
