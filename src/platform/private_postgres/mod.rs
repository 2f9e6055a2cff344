//! A private Postgres for users who have none: created in the data folder, reached through a Unix socket in a folder
//! that nobody else may enter, stopped by its last user.
//!
//! The server is an ordinary daemon, so it survives a killed process of ours; the next process finds it by its socket
//! and uses it. Its users (a server and the commands beside it) each hold a shared lock on a file, which the kernel
//! releases however they end. A process that can make its lock exclusive was the last user.
//!
//! Everything in the data folder belongs to the folder's owner. Root acts as that user there (`owner`), so a command
//! run by root leaves nothing behind that a service of that user cannot use.

mod cluster;
mod conf;
mod error;
mod home;
mod keep;
mod lock;
mod log;
mod owner;
mod processes;
mod programs;
mod server;
mod socket;
mod wait;

use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinHandle;

pub use self::error::PrivatePostgresError;
use self::error::Result;
use self::lock::LockFile;
use self::server::Server;
use super::config::PrivateSettings;

const DATABASE: &str = "groupdesk";

/// A running server that this process uses and keeps running.
pub struct PrivatePostgres {
    server: Arc<Server>,
    users: LockFile,
    keeper: JoinHandle<()>,
}

impl PrivatePostgres {
    /// Uses the running server of this data folder, or starts one. `None`: the shutdown came first, and no unused server
    /// is left running.
    ///
    /// # Errors
    /// A sentence for the person who started the command.
    pub async fn start(
        settings: &PrivateSettings,
        shutdown: impl Future<Output = ()>,
    ) -> Result<Option<Self>> {
        let server = Arc::new(Server::open(settings)?);
        let joined = tokio::select! {
            biased;
            () = shutdown => Ok(None),
            users = server.join() => users.map(Some),
        };
        let Ok(Some(users)) = joined else {
            let undone = server.undo_launch().await;
            // The first error is the one to report.
            return joined.and(undone).map(|()| None);
        };
        let keeper = tokio::spawn(keep::keep_running(server.clone()));
        Ok(Some(Self { server, users, keeper }))
    }

    /// Valid as long as this value exists.
    pub fn options(&self) -> PgConnectOptions {
        self.server.socket.options().database(DATABASE)
    }

    /// Stops the server, unless another process uses it. A server that has ended already is no error.
    ///
    /// # Errors
    /// It does not stop, or another process is in the way.
    pub async fn stop(self) -> Result<()> {
        self.keeper.abort();
        // Wait for its end, because it may be starting the server.
        let _ = self.keeper.await;
        self.server.stop_if_unused(&self.users).await
    }
}
