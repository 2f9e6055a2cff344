//! A Postgres of our own, for those who have none at hand: made in the data folder, reached through a Unix
//! socket in a folder that nobody else may enter, stopped by its last user.
//!
//! The server is an ordinary daemon, so it outlives a killed process of ours; the next one finds it by its
//! socket and uses it. Its users (a serving process, a command beside it) each hold a shared lock on a file,
//! which the kernel takes back however they end: a process that can turn its lock into an exclusive one was
//! the last.
//!
//! Everything in the data folder belongs to the folder's owner. Root acts as that user there (`owner`), so a
//! command run as root beside a service leaves nothing behind that the service cannot use.

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
use self::server::Layout;
use super::config::PrivateSettings;

const DATABASE: &str = "groupdesk";

/// A running server that this process uses, and keeps running.
pub struct PrivatePostgres {
    layout: Arc<Layout>,
    users: LockFile,
    keeper: JoinHandle<()>,
}

impl PrivatePostgres {
    /// Uses the running server of this data folder, or starts one. `None`: the process was told to stop before
    /// that was done, and leaves no server running that nobody uses.
    ///
    /// # Errors
    /// A sentence for the person who started the command.
    pub async fn start(
        settings: &PrivateSettings,
        told_to_stop: impl Future<Output = ()>,
    ) -> Result<Option<Self>> {
        let layout = Arc::new(Layout::open(settings)?);
        let joined = tokio::select! {
            biased;
            () = told_to_stop => None,
            users = layout.join() => Some(users),
        };
        let users = match joined {
            Some(Ok(users)) => users,
            Some(Err(error)) => {
                // The first error is the one to be told.
                let _ = layout.undo_launch().await;
                return Err(error);
            }
            None => return layout.undo_launch().await.map(|()| None),
        };
        let keeper = tokio::spawn(keep::keep(layout.clone()));
        Ok(Some(Self { layout, users, keeper }))
    }

    /// Good for as long as this value lives.
    pub fn options(&self) -> PgConnectOptions {
        self.layout.socket.options().database(DATABASE)
    }

    /// Stops the server, unless somebody else still uses it. One that is gone already is no error.
    ///
    /// # Errors
    /// It does not stop, or another process is in the way.
    pub async fn stop(self) -> Result<()> {
        self.keeper.abort();
        // Until it is gone: it may be starting the server.
        let _ = self.keeper.await;
        self.layout.stop_unused(&self.users).await
    }
}
