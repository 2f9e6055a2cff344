//! The socket, in a folder that only the user who runs Postgres may enter.
//!
//! The folder is opened once, checked, and from then on reached through that handle: what somebody puts in
//! its place afterwards is not what we connect to. It also makes the path short. A socket's path has 107 bytes
//! at most, and a data folder may lie deeper; a second folder in `/tmp`, where others may create one first, is
//! not needed.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::unistd::dup3;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::owner::Owner;

/// Part of the socket's name; no port of the machine is used.
pub(super) const PORT: u16 = 5432;
pub(super) const SUPERUSER: &str = "groupdesk";
/// The folder of the socket, from the server's working folder, which is the cluster.
pub(super) const BESIDE: &str = "../socket";
/// 107 bytes less the 14 of `/.s.PGSQL.5432`, and a few for the lock file beside it.
const PATH_MAX: usize = 90;
/// A server that accepts a connection and says nothing for so long is stuck.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// SQLSTATE `cannot_connect_now`: the server starts, recovers or stops.
const CANNOT_CONNECT_NOW: &str = "57P03";

/// What is found behind the socket.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A server, which may also have refused this connection (there are too many of them, say).
    Server,
    /// A server that starts, recovers from a crash or stops.
    Busy,
    /// A server that accepts connections and does not answer.
    Mute,
    Nobody,
    /// Something that must not be used, or that this process may not reach.
    Unusable(String),
}

pub(super) struct Socket {
    /// Always under the same number, which the options of connections contain.
    folder: Mutex<OwnedFd>,
    path: PathBuf,
    owner: Owner,
}

impl Socket {
    /// `folder`: opened, and found to be this owner's alone.
    pub(super) fn in_folder(folder: File, path: PathBuf, owner: Owner) -> Self {
        Self { folder: Mutex::new(folder.into()), path, owner }
    }

    /// Goes on with the folder that is in this place now, opened and checked likewise.
    pub(super) fn follow(&self, now: &File) -> io::Result<()> {
        let (before, after) = (std::fs::metadata(self.reached_by())?, now.metadata()?);
        if (before.dev(), before.ino()) != (after.dev(), after.ino()) {
            let mut folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
            dup3(now, &mut folder, OFlag::O_CLOEXEC)?;
        }
        Ok(())
    }

    /// The value of `unix_socket_directories`. A path that is too long for a socket, or that a settings file cannot
    /// contain, is given from the server's working folder.
    pub(super) fn directories(&self) -> String {
        match self.path.to_str() {
            // In quotes, because a comma would begin another folder.
            Some(path) if path.len() <= PATH_MAX => format!("\"{}\"", path.replace('"', "\"\"")),
            Some(_) | None => BESIDE.to_owned(),
        }
    }

    pub(super) fn options(&self) -> PgConnectOptions {
        // Port and TLS explicitly: PGPORT and PGSSLMODE are about other servers.
        PgConnectOptions::new_without_pgpass()
            .socket(self.reached_by())
            .port(PORT)
            .ssl_mode(PgSslMode::Disable)
            .username(SUPERUSER)
    }

    fn reached_by(&self) -> PathBuf {
        let folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        PathBuf::from(format!("/proc/self/fd/{}", folder.as_raw_fd()))
    }

    fn file(&self) -> PathBuf {
        self.reached_by().join(format!(".s.PGSQL.{PORT}"))
    }

    /// The file in which the server names the process that listens.
    pub(super) fn lock_file(&self) -> PathBuf {
        self.path.join(format!(".s.PGSQL.{PORT}.lock"))
    }

    /// Does the server of this `postmaster.pid` listen in this folder? pg_upgrade starts one that does not. The line is
    /// `LOCK_FILE_LINE_SOCKET_DIR` in Postgres's `pidfile.h`.
    pub(super) fn is_named_in(&self, pid_file: &str) -> bool {
        let folder = pid_file.lines().nth(4).unwrap_or_default();
        folder == BESIDE || Some(folder) == self.path.to_str()
    }

    /// Is there a socket, whether anybody listens or not?
    pub(super) fn is_there(&self) -> bool {
        !matches!(std::fs::symlink_metadata(self.file()), Err(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// Does a process listen? This costs no connection to the database.
    pub(super) async fn is_listened_to(&self) -> bool {
        !matches!(self.connect().await, Err(error) if is_nobody(&error))
    }

    async fn connect(&self) -> io::Result<UnixStream> {
        UnixStream::connect(self.file()).await
    }

    /// Asks over the socket. The number in the pid file may be another process's after a crash.
    pub(super) async fn look(&self) -> Found {
        match self.peer().await {
            Ok(uid) if uid == self.owner.uid.as_raw() => {}
            Ok(uid) => {
                return Found::Unusable(format!(
                    "the server behind the socket in {} belongs to the user {uid} and not to '{}': nothing was sent \
                     to it",
                    self.path.display(),
                    self.owner.name
                ));
            }
            Err(error) if is_nobody(&error) => return Found::Nobody,
            Err(error) => return self.unusable(&error),
        }
        match timeout(ANSWER_WITHIN, self.options().database("postgres").connect()).await {
            Ok(Ok(connection)) => {
                drop(connection.close().await);
                Found::Server
            }
            Ok(Err(error)) => self.refused(&error),
            Err(_) => Found::Mute,
        }
    }

    /// The user whose process listens.
    async fn peer(&self) -> io::Result<u32> {
        self.connect().await?.peer_cred().map(|peer| peer.uid())
    }

    fn refused(&self, error: &sqlx::Error) -> Found {
        match error {
            sqlx::Error::Database(refusal) if refusal.code().as_deref() == Some(CANNOT_CONNECT_NOW) => {
                Found::Busy
            }
            sqlx::Error::Database(_) => Found::Server,
            // It went away while it was asked.
            sqlx::Error::Io(_) => Found::Nobody,
            error => self.unusable(error),
        }
    }

    fn unusable(&self, error: &dyn std::error::Error) -> Found {
        Found::Unusable(format!("cannot use the socket in {}: {error}", self.path.display()))
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
    fn a_folder_is_one_folder_whatever_its_name_and_a_deep_one_is_named_from_beside_it() {
        assert_eq!(socket("/srv/desk/socket").directories(), "\"/srv/desk/socket\"");
        assert_eq!(socket("/srv/a,b/socket").directories(), "\"/srv/a,b/socket\"");
        let deep = format!("/srv/{}/socket", "x".repeat(120));
        assert_eq!(socket(&deep).directories(), BESIDE);
        let unreadable = OsString::from_vec(b"/srv/d\xe4sk/socket".to_vec());
        let unreadable =
            Socket::in_folder(File::open("/").unwrap(), PathBuf::from(unreadable), Owner::current());
        assert_eq!(unreadable.directories(), BESIDE);
        assert!(socket(&deep).reached_by().as_os_str().len() < PATH_MAX);
    }

    #[test]
    fn a_server_that_listens_elsewhere_is_told_from_ours() {
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
    async fn a_server_of_another_user_is_sent_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let listener =
            tokio::net::UnixListener::bind(folder.path().join(format!(".s.PGSQL.{PORT}"))).unwrap();
        let mut expected = Owner::current();
        expected.uid = nix::unistd::Uid::from_raw(expected.uid.as_raw() + 1);
        let opened = File::open(folder.path()).unwrap();
        let socket = Socket::in_folder(opened, folder.path().to_owned(), expected);

        let found = socket.look().await;

        assert!(matches!(found, Found::Unusable(_)), "{found:?}");
        let (mut peer, _) = listener.accept().await.unwrap();
        let mut sent = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut peer, &mut sent).await.unwrap();
        assert_eq!(sent, Vec::<u8>::new());
    }

    #[tokio::test]
    async fn where_nobody_listens_nobody_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let opened = File::open(folder.path()).unwrap();
        let socket = Socket::in_folder(opened, folder.path().to_owned(), Owner::current());
        assert_eq!(socket.look().await, Found::Nobody);
        assert!(!socket.is_there());
        // A killed server leaves its socket behind.
        drop(std::os::unix::net::UnixListener::bind(folder.path().join(format!(".s.PGSQL.{PORT}"))).unwrap());
        assert_eq!(socket.look().await, Found::Nobody);
        assert!(!socket.is_listened_to().await);
        assert!(socket.is_there());
    }

    #[tokio::test]
    async fn a_folder_that_takes_the_place_of_another_is_followed_under_the_same_path() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("socket");
        std::fs::create_dir(&path).unwrap();
        let socket = Socket::in_folder(File::open(&path).unwrap(), path.clone(), Owner::current());
        let reached_by = socket.reached_by();
        std::fs::rename(&path, parent.path().join("before")).unwrap();
        std::fs::create_dir(&path).unwrap();
        let _listener = tokio::net::UnixListener::bind(path.join(format!(".s.PGSQL.{PORT}"))).unwrap();
        assert!(!socket.is_listened_to().await);

        for _ in 0..2 {
            socket.follow(&File::open(&path).unwrap()).unwrap();
            assert_eq!(socket.reached_by(), reached_by);
            assert!(socket.is_listened_to().await);
        }
    }
}
