//! A private Postgres for users who have none: created in the data folder, reached through a Unix socket in a folder
//! that nobody else may enter, stopped by its last user.
//!
//! The server is an ordinary daemon, which survives a killed process of ours; the next process finds it by its socket.
//! Each process that uses it holds a shared lock on a file. A process that can make its lock exclusive was the last user.
//! Everything in the data folder belongs to the folder's owner. Root acts as this user there.

mod cluster;
mod home;
mod lock;
mod processes;
mod server;
mod socket;

use std::io;
use std::path::Path;
use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinHandle;

use self::lock::LockFile;
use self::server::Server;
use super::config::PrivateSettings;

/// The error is a sentence for the person who started the command.
type Result<T> = std::result::Result<T, String>;

trait Explain<T>: Sized {
    fn explain(self, action: &str, path: &Path) -> Result<T>;

    /// `None` if the file or folder does not exist.
    fn if_exists(self) -> io::Result<Option<T>>;
}

impl<T> Explain<T> for io::Result<T> {
    fn explain(self, action: &str, path: &Path) -> Result<T> {
        self.map_err(|error| format!("cannot {action} {}: {error}", path.display()))
    }

    fn if_exists(self) -> io::Result<Option<T>> {
        match self {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            outcome => outcome.map(Some),
        }
    }
}

pub struct PrivatePostgres {
    server: Arc<Server>,
    users: LockFile,
    keeper: JoinHandle<()>,
}

impl PrivatePostgres {
    /// Uses the running server of this data folder, or starts one. `None`: `stop` completed first, and no unused server is
    /// left running.
    pub async fn start(settings: &PrivateSettings, stop: impl Future<Output = ()>) -> Result<Option<Self>> {
        let server = Arc::new(Server::open(settings)?);
        let joined = tokio::select! {
            biased;
            () = stop => Ok(None),
            users = server.join() => users.map(Some),
        };
        let Ok(Some(users)) = joined else {
            let undone = server.undo_launch().await;
            // The first error is the one to report.
            return joined.and(undone).map(|()| None);
        };
        let keeper = tokio::spawn(server.clone().keep_running());
        Ok(Some(Self { server, users, keeper }))
    }

    /// Valid as long as this value exists.
    pub fn options(&self) -> PgConnectOptions {
        self.server.socket.options().database("groupdesk")
    }

    /// Stops the server, unless another process uses it. A server that has ended already is no error.
    pub async fn stop(self) -> Result<()> {
        self.keeper.abort();
        // Wait for its end, because it may be starting the server.
        let _ = self.keeper.await;
        self.server.stop_if_unused(&self.users).await
    }
}
