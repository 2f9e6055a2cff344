//! The socket, in a folder that only the user who runs Postgres may enter. The folder is opened and checked once, and
//! then used through that handle: a replaced folder is never connected to, and the path is short enough for a socket (107
//! bytes) without a second folder in `/tmp`, which another user could create first.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::unistd::dup3;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::home::Owner;
use super::processes::is_same;
use crate::platform::db::errors::has_code;
use crate::platform::sync::lock;

/// Part of the socket's name. No TCP port is used.
pub(super) const PORT: u16 = 5432;
pub(super) const SUPERUSER: &str = "groupdesk";
/// The folder of the socket relative to the cluster, which is the working folder of the server.
pub(super) const BESIDE: &str = "../socket";
/// 107 bytes minus the 14 of `/.s.PGSQL.5432`, and a few for the lock file beside it.
const PATH_MAX: usize = 90;
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Listener {
    /// A server, which may have refused this connection, for example because there are too many.
    Server,
    /// A server that starts, recovers from a crash or stops.
    Busy,
    Unresponsive,
    Nobody,
    /// A process that must not be used, or that this process may not reach, with the reason.
    Unusable(String),
}

pub(super) struct Socket {
    /// Its file descriptor never changes, because the options of connections contain it.
    folder: Mutex<OwnedFd>,
    path: PathBuf,
    owner: Owner,
}

impl Socket {
    /// `folder`: opened, and checked to be accessible only to this owner.
    pub(super) fn in_folder(folder: File, path: PathBuf, owner: Owner) -> Self {
        Self { folder: Mutex::new(folder.into()), path, owner }
    }

    /// Switches to the folder that has the path now, opened and checked in the same way.
    pub(super) fn follow(&self, now: &File) -> io::Result<()> {
        if !is_same(&std::fs::metadata(self.handle_path())?, &now.metadata()?) {
            dup3(now, &mut lock(&self.folder), OFlag::O_CLOEXEC)?;
        }
        Ok(())
    }

    /// The value of `unix_socket_directories`, relative if the path is too long or cannot be in a settings file.
    pub(super) fn directories(&self) -> String {
        match self.path.to_str() {
            // In quotes, because a comma separates folders.
            Some(path) if path.len() <= PATH_MAX => format!("\"{}\"", path.replace('"', "\"\"")),
            Some(_) | None => BESIDE.to_owned(),
        }
    }

    pub(super) fn options(&self) -> PgConnectOptions {
        // Explicit port and TLS, because PGPORT and PGSSLMODE are about other servers.
        PgConnectOptions::new_without_pgpass()
            .socket(self.handle_path())
            .port(PORT)
            .ssl_mode(PgSslMode::Disable)
            .username(SUPERUSER)
    }

    fn handle_path(&self) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}", lock(&self.folder).as_raw_fd()))
    }

    fn file(&self) -> PathBuf {
        self.handle_path().join(format!(".s.PGSQL.{PORT}"))
    }

    pub(super) fn lock_file(&self) -> PathBuf {
        self.path.join(format!(".s.PGSQL.{PORT}.lock"))
    }

    /// Whether the server of this `postmaster.pid` listens in this folder, unlike one that pg_upgrade starts. The line is
    /// `LOCK_FILE_LINE_SOCKET_DIR` in Postgres's `pidfile.h`.
    pub(super) fn is_named_in(&self, pid_file: &str) -> bool {
        let folder = pid_file.lines().nth(4).unwrap_or_default();
        folder == BESIDE || Some(folder) == self.path.to_str()
    }

    pub(super) fn exists(&self) -> bool {
        !matches!(std::fs::symlink_metadata(self.file()), Err(error) if error.kind() == io::ErrorKind::NotFound)
    }

    pub(super) async fn has_listener(&self) -> bool {
        !matches!(self.connect().await, Err(error) if is_nobody(&error))
    }

    async fn connect(&self) -> io::Result<UnixStream> {
        UnixStream::connect(self.file()).await
    }

    /// Connects, because the id in the pid file may belong to another process after a crash.
    pub(super) async fn probe(&self) -> Listener {
        match self.connect().await.and_then(|stream| stream.peer_cred()).map(|peer| peer.uid()) {
            Ok(uid) if uid == self.owner.uid.as_raw() => {}
            Ok(uid) => {
                let (path, owner) = (self.path.display(), &self.owner.name);
                return Listener::Unusable(format!(
                    "the server behind the socket in {path} belongs to the user {uid} and not to '{owner}': nothing \
                     was sent to it"
                ));
            }
            Err(error) if is_nobody(&error) => return Listener::Nobody,
            Err(error) => return self.unusable(&error),
        }
        match timeout(ANSWER_TIMEOUT, self.options().database("postgres").connect()).await {
            Ok(Ok(connection)) => {
                drop(connection.close().await);
                Listener::Server
            }
            // `cannot_connect_now`
            Ok(Err(error)) if has_code(&error, &["57P03"]) => Listener::Busy,
            Ok(Err(sqlx::Error::Database(_))) => Listener::Server,
            // The server ended during the probe.
            Ok(Err(sqlx::Error::Io(_))) => Listener::Nobody,
            Ok(Err(error)) => self.unusable(&error),
            Err(_) => Listener::Unresponsive,
        }
    }

    fn unusable(&self, error: &dyn std::error::Error) -> Listener {
        Listener::Unusable(format!("cannot use the socket in {}: {error}", self.path.display()))
    }
}

fn is_nobody(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;

    fn socket(path: &str) -> Socket {
        Socket::in_folder(File::open("/").unwrap(), PathBuf::from(path), Owner::current())
    }

    #[test]
    fn a_long_or_unprintable_path_is_given_relative_to_the_cluster() {
        assert_eq!(socket("/srv/desk/socket").directories(), "\"/srv/desk/socket\"");
        assert_eq!(socket("/srv/a,b/socket").directories(), "\"/srv/a,b/socket\"");
        let deep = format!("/srv/{}/socket", "x".repeat(120));
        assert_eq!(socket(&deep).directories(), BESIDE);
        let unreadable = OsString::from_vec(b"/srv/d\xe4sk/socket".to_vec());
        let unreadable =
            Socket::in_folder(File::open("/").unwrap(), PathBuf::from(unreadable), Owner::current());
        assert_eq!(unreadable.directories(), BESIDE);
        assert!(socket(&deep).handle_path().as_os_str().len() < PATH_MAX);
    }

    #[test]
    fn a_server_with_another_socket_folder_is_recognized() {
        let socket = socket("/srv/desk/socket");
        let pid_file = |folder: &str| {
            format!("4711\n/srv/desk/postgres\n1790000000\n5432\n{folder}\n\n  5432001     32768\n")
        };
        assert!(socket.is_named_in(&pid_file("/srv/desk/socket")));
        assert!(socket.is_named_in(&pid_file("../socket")));
        assert!(!socket.is_named_in(&pid_file("/srv/desk")));
        assert!(!socket.is_named_in(&pid_file("")));
        assert!(!socket.is_named_in(""));
    }

    #[tokio::test]
    async fn nothing_is_sent_to_a_server_of_another_user() {
        let folder = tempfile::tempdir().unwrap();
        let listener =
            tokio::net::UnixListener::bind(folder.path().join(format!(".s.PGSQL.{PORT}"))).unwrap();
        let mut expected = Owner::current();
        expected.uid = nix::unistd::Uid::from_raw(expected.uid.as_raw() + 1);
        let opened = File::open(folder.path()).unwrap();
        let socket = Socket::in_folder(opened, folder.path().to_owned(), expected);

        let found = socket.probe().await;

        assert!(matches!(found, Listener::Unusable(_)), "{found:?}");
        let (mut peer, _) = listener.accept().await.unwrap();
        let mut sent = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut peer, &mut sent).await.unwrap();
        assert_eq!(sent, Vec::<u8>::new());
    }

    #[tokio::test]
    async fn a_socket_without_listener_is_recognized() {
        let folder = tempfile::tempdir().unwrap();
        let opened = File::open(folder.path()).unwrap();
        let socket = Socket::in_folder(opened, folder.path().to_owned(), Owner::current());
        assert_eq!(socket.probe().await, Listener::Nobody);
        assert!(!socket.exists());
        // A killed server leaves its socket behind.
        drop(std::os::unix::net::UnixListener::bind(folder.path().join(format!(".s.PGSQL.{PORT}"))).unwrap());
        assert_eq!(socket.probe().await, Listener::Nobody);
        assert!(!socket.has_listener().await);
        assert!(socket.exists());
    }

    #[tokio::test]
    async fn a_replaced_folder_is_followed_under_the_same_path() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("socket");
        std::fs::create_dir(&path).unwrap();
        let socket = Socket::in_folder(File::open(&path).unwrap(), path.clone(), Owner::current());
        let handle_path = socket.handle_path();
        std::fs::rename(&path, parent.path().join("before")).unwrap();
        std::fs::create_dir(&path).unwrap();
        let _listener = tokio::net::UnixListener::bind(path.join(format!(".s.PGSQL.{PORT}"))).unwrap();
        assert!(!socket.has_listener().await);

        for _ in 0..2 {
            socket.follow(&File::open(&path).unwrap()).unwrap();
            assert_eq!(socket.handle_path(), handle_path);
            assert!(socket.has_listener().await);
        }
    }
}
