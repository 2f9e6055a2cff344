//! The database of a command: the configured one, or the private Postgres.

use futures::future::try_join_all;
use sqlx::postgres::PgConnectOptions;
use sqlx::{PgConnection, PgPool};

use super::{Trouble, failed};
use crate::platform::config::{DatabaseSettings, Settings};
use crate::platform::db::availability::{Servers, primary_of};
use crate::platform::db::migrate::{self, Applied, Plan};
use crate::platform::db::{self, ConnectionMode, tls};
use crate::platform::private_postgres::{PrivatePostgres, PrivatePostgresError};

/// In both lists the primary server comes first.
pub(super) struct OpenDatabase {
    /// Direct connections, not through a pooler: commands migrate, copy and keep state for longer than a transaction.
    direct: Vec<PgConnectOptions>,
    /// Database through the pooler; empty without one.
    pooled: Vec<PgConnectOptions>,
    private: Option<PrivatePostgres>,
}

impl OpenDatabase {
    pub(super) async fn open(settings: &Settings) -> Result<Self, Trouble> {
        let opened = Self::open_unless(settings, std::future::pending()).await?;
        opened.ok_or_else(|| Trouble::Failed("stopped before the database was open".to_owned()))
    }

    /// `None` if `stop` completes first.
    pub(super) async fn open_unless(
        settings: &Settings,
        stop: impl Future<Output = ()>,
    ) -> Result<Option<Self>, Trouble> {
        match &settings.database {
            DatabaseSettings::Url { url, direct_url } => {
                let named = servers(url).await?;
                Ok(Some(match direct_url {
                    Some(direct) => Self { direct: servers(direct).await?, pooled: named, private: None },
                    None => Self { direct: named, pooled: Vec::new(), private: None },
                }))
            }
            DatabaseSettings::Private(settings) => {
                let private = PrivatePostgres::start(settings, stop).await.map_err(failed)?;
                Ok(private.map(|private| Self {
                    direct: vec![private.options()],
                    pooled: Vec::new(),
                    private: Some(private),
                }))
            }
        }
    }

    pub(super) async fn migrate(&self) -> Result<Vec<Applied>, Trouble> {
        migrate::run(&self.options()).await.map_err(failed)
    }

    /// What [`Self::migrate`] would do.
    pub(super) async fn check(&self) -> Result<Plan, Trouble> {
        migrate::check(&self.options()).await.map_err(failed)
    }

    pub(super) fn pool(&self, settings: &Settings) -> PgPool {
        db::pool(self.options(), settings.database_connections)
    }

    /// The connection options of a command.
    pub(super) fn options(&self) -> PgConnectOptions {
        self.direct.first().cloned().unwrap_or_default()
    }

    fn mode(&self) -> ConnectionMode {
        if self.pooled.is_empty() { ConnectionMode::Direct } else { ConnectionMode::Pooled }
    }

    /// The servers between which `groupdesk serve` may switch.
    pub(super) fn servers(&self) -> Servers {
        let (ours, direct) = match self.mode() {
            ConnectionMode::Direct => (&self.direct, Vec::new()),
            ConnectionMode::Pooled => (&self.pooled, self.direct.clone()),
        };
        Servers { ours: ours.iter().map(|options| self.mode().options(options.clone())).collect(), direct }
    }

    /// The pool of `groupdesk serve`.
    pub(super) fn serving_pool(&self, settings: &Settings) -> PgPool {
        let options = match self.mode() {
            ConnectionMode::Direct => self.options(),
            ConnectionMode::Pooled => self.pooled.first().cloned().unwrap_or_default(),
        };
        db::serving_pool(options, settings.database_connections, self.mode())
    }

    /// Stops the private Postgres, unless another process uses it.
    pub(super) async fn close(self) -> Result<(), PrivatePostgresError> {
        match self.private {
            Some(private) => private.stop().await,
            None => Ok(()),
        }
    }

    /// Closes the database and returns the outcome of the work. A private Postgres that could not be stopped keeps
    /// running for the next command.
    pub(super) async fn close_after<T>(self, outcome: Result<T, Trouble>) -> Result<T, Trouble> {
        if let Err(error) = self.close().await {
            tracing::warn!(%error, "stopping the private Postgres failed");
        }
        outcome
    }
}

/// The servers of a URL, the primary first.
async fn servers(url: &str) -> Result<Vec<PgConnectOptions>, Trouble> {
    let named = db::servers(url).map_err(Trouble::Usage)?;
    let mut servers = try_join_all(named.into_iter().map(tls::resolve)).await.map_err(Trouble::Failed)?;
    let primary = primary_of(&servers).await;
    servers.rotate_left(primary);
    Ok(servers)
}

/// Opens and migrates the database, does the work, and closes the database, also after a failure.
pub(super) async fn with_database<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(PgPool) -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    let database = OpenDatabase::open(settings).await?;
    let outcome = async {
        database.migrate().await?;
        let pool = database.pool(settings);
        let outcome = work(pool.clone()).await;
        pool.close().await;
        outcome
    };
    let outcome = outcome.await;
    database.close_after(outcome).await
}

/// [`with_database`] for work in one transaction, which is committed if the work succeeds.
pub(super) async fn with_transaction<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(&mut PgConnection) -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    with_database(settings, async |pool| {
        let mut transaction = pool.begin().await?;
        let done = work(&mut transaction).await?;
        transaction.commit().await?;
        Ok(done)
    })
    .await
}
