//! The database of a command: the configured one, or the private Postgres.

use futures::future::try_join_all;
use sqlx::postgres::PgConnectOptions;
use sqlx::{PgConnection, PgPool};

use super::{CommandError, CommandResult, administrator};
use crate::platform::call::{Administer, Call};
use crate::platform::config::{DatabaseSettings, Settings};
use crate::platform::db::availability::{Servers, primary_of};
use crate::platform::db::replicas::Replicas;
use crate::platform::db::{self, ConnectionMode, migrate};
use crate::platform::failure::Outcome;
use crate::platform::private_postgres::PrivatePostgres;

/// In both lists the primary server comes first.
pub(super) struct OpenDatabase {
    /// Direct connections, not through a pooler: commands migrate, copy and keep state for longer than a transaction.
    direct: Vec<PgConnectOptions>,
    /// The servers of the pooler; empty without one.
    pooled: Vec<PgConnectOptions>,
    /// Behind poolers, too, if there are any.
    standbys: Vec<PgConnectOptions>,
    private: Option<PrivatePostgres>,
}

impl OpenDatabase {
    /// `None` if `stop` completes first.
    pub(super) async fn open(
        settings: &Settings,
        stop: impl Future<Output = ()>,
    ) -> CommandResult<Option<Self>> {
        Ok(match &settings.database {
            DatabaseSettings::Url { url, direct_url, read_url } => {
                let standbys = read_url.as_deref().map(db::standbys).transpose();
                let standbys = standbys.map_err(CommandError::Usage)?.unwrap_or_default();
                let named = servers(url).await?;
                let (direct, pooled) = match direct_url {
                    None => (named, Vec::new()),
                    Some(direct) => (servers(direct).await?, named),
                };
                Some(Self { direct, pooled, standbys, private: None })
            }
            DatabaseSettings::Private(settings) => {
                let started = PrivatePostgres::start(settings, stop).await.map_err(CommandError::Failed)?;
                started.map(|private| Self {
                    direct: vec![private.options()],
                    pooled: Vec::new(),
                    standbys: Vec::new(),
                    private: Some(private),
                })
            }
        })
    }

    pub(super) fn options(&self) -> PgConnectOptions {
        self.direct.first().cloned().unwrap_or_default()
    }

    /// The pool of `groupdesk serve`, the servers between which it may switch, and the standbys.
    pub(super) fn serving_pool(&self, settings: &Settings) -> (PgPool, Servers, Replicas) {
        let (mode, ours, direct) = if self.pooled.is_empty() {
            (ConnectionMode::Direct, &self.direct, Vec::new())
        } else {
            (ConnectionMode::Pooled, &self.pooled, self.direct.clone())
        };
        let options = ours.first().cloned().unwrap_or_default();
        let pool = db::serving_pool(options, settings.database_connections, mode);
        let ours = ours.iter().cloned().map(|options| mode.options(options)).collect();
        let replicas = Replicas::of(self.standbys.clone(), settings.database_connections, mode);
        (pool, Servers { ours, direct }, replicas)
    }

    /// Stops the private Postgres, unless another process uses it.
    pub(super) async fn close(self) -> CommandResult {
        match self.private {
            Some(private) => private.stop().await.map_err(CommandError::Failed),
            None => Ok(()),
        }
    }

    /// Returns the outcome of the work. A private Postgres that cannot be stopped keeps running for the next command.
    pub(super) async fn close_after<T>(self, outcome: CommandResult<T>) -> CommandResult<T> {
        if let Err(CommandError::Usage(error) | CommandError::Failed(error)) = self.close().await {
            tracing::warn!(%error, "stopping the private Postgres failed");
        }
        outcome
    }
}

async fn servers(url: &str) -> CommandResult<Vec<PgConnectOptions>> {
    let named = db::servers(url).map_err(CommandError::Usage)?;
    let mut servers =
        try_join_all(named.into_iter().map(db::resolve_tls)).await.map_err(CommandError::Failed)?;
    let primary = primary_of(&servers).await;
    servers.rotate_left(primary);
    Ok(servers)
}

/// Opens the database, does the work, and closes the database, also after a failure.
pub(super) async fn with_open_database<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(PgConnectOptions) -> CommandResult<T>,
) -> CommandResult<T> {
    let opened = OpenDatabase::open(settings, std::future::pending()).await?;
    let stopped = || CommandError::Failed("stopped before the database was open".to_owned());
    let database = opened.ok_or_else(stopped)?;
    let outcome = work(database.options()).await;
    database.close_after(outcome).await
}

/// [`with_open_database`], migrated.
pub(super) async fn with_database<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(PgPool) -> CommandResult<T>,
) -> CommandResult<T> {
    with_open_database(settings, async |options| {
        migrate::run(&options).await?;
        let pool = db::pool(options, settings.database_connections);
        let outcome = work(pool.clone()).await;
        pool.close().await;
        outcome
    })
    .await
}

/// [`with_database`] for work in one transaction, which is committed if the work succeeds.
pub(super) async fn with_transaction<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(&mut PgConnection, &Call<Administer>) -> Outcome<T>,
) -> CommandResult<T> {
    with_database(settings, async |pool| {
        let mut transaction = pool.begin().await?;
        let done = work(&mut transaction, &administrator()).await?;
        transaction.commit().await?;
        Ok(done)
    })
    .await
}
