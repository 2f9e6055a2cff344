//! Commands of root act as the owner of the data directory. Only root can test this, so these tests do
//! nothing for other users.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::unistd::{Gid, Uid, User, chown};
use pretty_assertions::assert_eq;
use tokio::net::UnixListener;

use super::{create_group, is_ready, promptly, status, token};
use crate::support::{OwnedDataDir, Server, find_postmaster, groupdesk, run_command};

/// The log is in a directory of its own, so that the commands cannot change its owner.
async fn serve(data: &OwnedDataDir, logs: &Path) -> Server {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    Server::launch(data.command(&["serve"]), &address, logs, &["--data-dir", data.text()]).await
}

#[tokio::test]
async fn command_of_root_keeps_the_owner_of_all_files() {
    let Some(data) = OwnedDataDir::new() else { return };
    let logs = tempfile::tempdir().unwrap();
    let mut server = serve(&data, logs.path()).await;
    let postgres = find_postmaster(data.path());
    assert_eq!(data.not_owned(), Vec::<PathBuf>::new());

    let listed = promptly(&["operator", "list", "--data-dir", data.text()]).await;
    assert_eq!(listed.status, 0, "{listed:?}");
    let token = token(data.text()).await;

    assert_eq!(data.not_owned(), Vec::<PathBuf>::new());
    assert_eq!(find_postmaster(data.path()), postgres);
    let group = create_group(&server, &token, "EMEA").await;
    assert!(is_ready(&server).await);
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());

    let mut again = serve(&data, logs.path()).await;
    assert_eq!(status(&again, &token, &group).await, 200);
    again.signal(Signal::SIGTERM);
    assert_eq!(again.end().await, Some(0), "{}", again.log());
}

/// This holds from the first start on, and without a running service.
#[tokio::test]
async fn files_created_by_root_belong_to_the_directory_owner() {
    let Some(data) = OwnedDataDir::new() else { return };
    let logs = tempfile::tempdir().unwrap();
    let created = promptly(&["migrate", "--data-dir", data.text()]).await;
    assert_eq!(created.status, 0, "{created:?}");
    assert_eq!(data.not_owned(), Vec::<PathBuf>::new());
    let mut server = serve(&data, logs.path()).await;
    server.signal(Signal::SIGTERM);
    assert_eq!(server.end().await, Some(0), "{}", server.log());
}

#[tokio::test]
async fn cluster_of_another_user_is_refused() {
    let Some(data) = OwnedDataDir::new() else { return };
    let cluster = data.path().join("postgres");
    let other = User::from_name("nobody").unwrap().expect("a user nobody");
    std::fs::create_dir(&cluster).unwrap();
    chown(&cluster, Some(other.uid), Some(other.gid)).unwrap();
    let args = ["operator", "list", "--data-dir", data.text()];

    for refused in [promptly(&args).await, run_command(&mut data.command(&args)).await] {
        assert_eq!(refused.status, 1, "{refused:?}");
        let expected = format!("{} belongs to 'nobody' and not to 'daemon'", cluster.display());
        assert!(refused.err.contains(&expected), "{refused:?}");
    }
    assert_eq!(std::fs::metadata(&cluster).unwrap().uid(), other.uid.as_raw());
}

/// The default directory is relative to root's working directory.
#[tokio::test]
async fn default_directory_of_another_user_is_refused_for_root() {
    let Some(data) = OwnedDataDir::new() else { return };
    let var = data.path().join("var");
    std::fs::create_dir(&var).unwrap();
    chown(&var, Some(data.user.uid), Some(data.user.gid)).unwrap();
    let mut list = groupdesk(&["operator", "list"]);
    let refused =
        tokio::time::timeout(Duration::from_secs(20), run_command(list.current_dir(data.path()))).await;
    let refused = refused.expect("an end within 20 s");
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.err.contains("belongs to 'daemon': name it with --data-dir"), "{refused:?}");
    assert_eq!(std::fs::read_dir(&var).unwrap().count(), 0);
}

#[tokio::test]
async fn directory_of_another_user_is_refused() {
    let Some(data) = OwnedDataDir::new() else { return };
    let anothers = tempfile::tempdir().unwrap();
    let args = ["operator", "list", "--data-dir", anothers.path().to_str().unwrap()];
    let refused = run_command(&mut data.command(&args)).await;
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.err.contains("belongs to 'root'"), "{refused:?}");
}

#[tokio::test]
async fn default_directory_that_is_a_foreign_link_is_refused() {
    let Some(data) = OwnedDataDir::new() else { return };
    let (var, roots) = (data.path().join("var"), tempfile::tempdir().unwrap());
    std::fs::set_permissions(roots.path(), Permissions::from_mode(0o700)).unwrap();
    symlink(roots.path(), &var).unwrap();
    lchown(&var, Some(data.user.uid.as_raw()), Some(data.user.gid.as_raw())).unwrap();
    let mut list = groupdesk(&["operator", "list"]);
    let refused =
        tokio::time::timeout(Duration::from_secs(20), run_command(list.current_dir(data.path()))).await;
    let refused = refused.expect("an end within 20 s");
    assert_eq!(refused.status, 1, "{refused:?}");
    assert!(refused.err.contains("is a link that belongs to 'daemon'"), "{refused:?}");
    assert_eq!(std::fs::metadata(roots.path()).unwrap().mode() & 0o777, 0o700);
    assert_eq!(std::fs::read_dir(roots.path()).unwrap().count(), 0);
}

/// Root is the first to use the directory.
#[tokio::test]
async fn new_subdirectory_belongs_to_the_parents_owner() {
    let Some(data) = OwnedDataDir::new() else { return };
    let new = data.path().join("some/where");
    let args = ["operator", "list", "--data-dir", new.to_str().unwrap()];
    let listed = promptly(&args).await;
    assert_eq!(listed.status, 0, "{listed:?}");
    assert_eq!(std::fs::metadata(&new).unwrap().uid(), data.user.uid.as_raw());
    let listed = run_command(&mut data.command(&args)).await;
    assert_eq!(listed.status, 0, "{listed:?}");
}

/// The directory belongs to root, and the group of the service may write to it.
#[tokio::test]
async fn files_in_a_shared_directory_belong_to_the_service() {
    let Some(data) = OwnedDataDir::new() else { return };
    chown(data.path(), Some(Uid::from_raw(0)), Some(data.user.gid)).unwrap();
    std::fs::set_permissions(data.path(), Permissions::from_mode(0o770)).unwrap();
    let foreign = || data.not_owned().into_iter().filter(|path| path != data.path()).collect::<Vec<_>>();
    let logs = tempfile::tempdir().unwrap();
    let args = ["operator", "list", "--data-dir", data.text()];
    for _ in 0..2 {
        let listed = promptly(&args).await;
        assert_eq!(listed.status, 0, "{listed:?}");
        assert_eq!(foreign(), Vec::<PathBuf>::new());

        let mut server = serve(&data, logs.path()).await;
        let listed = promptly(&args).await;
        assert_eq!(listed.status, 0, "{listed:?}");
        assert_eq!(foreign(), Vec::<PathBuf>::new());
        server.signal(Signal::SIGTERM);
        assert_eq!(server.end().await, Some(0), "{}", server.log());
    }
}

#[tokio::test]
async fn files_of_group_members_are_refused_for_root() {
    let Some(data) = OwnedDataDir::new() else { return };
    // A group that is no user's primary group, such as Debian's "staff".
    chown(data.path(), Some(Uid::from_raw(0)), Some(Gid::from_raw(64_321))).unwrap();
    std::fs::set_permissions(data.path(), Permissions::from_mode(0o2775)).unwrap();
    let [cluster, socket] = ["postgres", "socket"].map(|name| data.path().join(name));
    for folder in [&cluster, &socket] {
        std::fs::create_dir(folder).unwrap();
        chown(folder, Some(data.user.uid), Some(data.user.gid)).unwrap();
    }
    let listener = UnixListener::bind(socket.join(".s.PGSQL.5432")).unwrap();

    let refused = promptly(&["operator", "list", "--data-dir", data.text()]).await;

    assert_eq!(refused.status, 1, "{refused:?}");
    let expected = format!("{} belongs to 'daemon', as whom Postgres is not run here", cluster.display());
    assert!(refused.err.contains(&expected), "{refused:?}");
    let accepted = tokio::time::timeout(Duration::from_millis(100), listener.accept()).await;
    assert!(accepted.is_err(), "a client connected");
}
