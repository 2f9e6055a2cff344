//! The database of a command: the one that was named, or the private one.

use futures::future::try_join_all;
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;

use super::Trouble;
use crate::platform::config::{Database, Settings};
use crate::platform::db::availability::{Servers, primary_of};
use crate::platform::db::migrate::{self, Applied, Plan};
use crate::platform::db::{self, ConnectionMode, tls};
use crate::platform::private_postgres::{PrivatePostgres, PrivatePostgresError};

/// Of several servers in a list, the one that takes changes is the first.
pub(super) struct OpenDatabase {
    /// Past the pooler, where there is one: commands migrate, copy in and hold what lasts longer than a
    /// transaction.
    direct: Vec<PgConnectOptions>,
    /// By way of the pooler; empty without one.
    pooled: Vec<PgConnectOptions>,
    private: Option<PrivatePostgres>,
}

impl OpenDatabase {
    pub(super) async fn open(settings: &Settings) -> Result<Self, Trouble> {
        let opened = Self::open_unless(settings, std::future::pending()).await?;
        opened.ok_or_else(|| Trouble::Failed("stopped before the database was open".to_owned()))
    }

    /// `None` if the process is asked to stop first.
    pub(super) async fn open_unless(
        settings: &Settings,
        told_to_stop: impl Future<Output = ()>,
    ) -> Result<Option<Self>, Trouble> {
        match &settings.database {
            Database::Url { url, direct_url } => {
                let named = servers(url).await?;
                Ok(Some(match direct_url {
                    Some(direct) => Self { direct: servers(direct).await?, pooled: named, private: None },
                    None => Self { direct: named, pooled: Vec::new(), private: None },
                }))
            }
            Database::Private(settings) => {
                let private = PrivatePostgres::start(settings, told_to_stop)
                    .await
                    .map_err(|error| Trouble::Failed(error.to_string()))?;
                Ok(private.map(|private| Self {
                    direct: vec![private.options()],
                    pooled: Vec::new(),
                    private: Some(private),
                }))
            }
        }
    }

    pub(super) async fn migrate(&self) -> Result<Vec<Applied>, Trouble> {
        migrate::run(&self.options()).await.map_err(|error| Trouble::Failed(error.to_string()))
    }

    /// What that would come to.
    pub(super) async fn check(&self) -> Result<Plan, Trouble> {
        migrate::check(&self.options()).await.map_err(|error| Trouble::Failed(error.to_string()))
    }

    pub(super) fn pool(&self, settings: &Settings) -> PgPool {
        db::pool(self.options(), settings.database_connections)
    }

    /// Those of a command.
    pub(super) fn options(&self) -> PgConnectOptions {
        self.direct.first().cloned().unwrap_or_default()
    }

    fn reach(&self) -> ConnectionMode {
        if self.pooled.is_empty() { ConnectionMode::Direct } else { ConnectionMode::Pooled }
    }

    /// Where what serves strangers may find it.
    pub(super) fn servers(&self) -> Servers {
        let (ours, direct) = match self.reach() {
            ConnectionMode::Direct => (&self.direct, Vec::new()),
            ConnectionMode::Pooled => (&self.pooled, self.direct.clone()),
        };
        Servers { ours: ours.iter().map(|options| self.reach().options(options.clone())).collect(), direct }
    }

    /// For what serves strangers.
    pub(super) fn serving_pool(&self, settings: &Settings) -> PgPool {
        let options = match self.reach() {
            ConnectionMode::Direct => self.options(),
            ConnectionMode::Pooled => self.pooled.first().cloned().unwrap_or_default(),
        };
        db::serving_pool(options, settings.database_connections, self.reach())
    }

    /// Stops the private Postgres, unless somebody else uses it.
    pub(super) async fn close(self) -> Result<(), PrivatePostgresError> {
        match self.private {
            Some(private) => private.stop().await,
            None => Ok(()),
        }
    }

    /// Closes the database when the work is done, whose outcome counts: a private Postgres that could not be stopped
    /// goes on running, and the next command uses it.
    pub(super) async fn close_after<T>(self, outcome: Result<T, Trouble>) -> Result<T, Trouble> {
        if let Err(error) = self.close().await {
            tracing::warn!(%error, "the private Postgres was not stopped");
        }
        outcome
    }
}

/// The servers of a URL, the primary first.
async fn servers(url: &str) -> Result<Vec<PgConnectOptions>, Trouble> {
    let named = db::servers(url).map_err(Trouble::Usage)?;
    let mut servers = try_join_all(named.into_iter().map(tls::settle)).await.map_err(Trouble::Failed)?;
    let primary = primary_of(&servers).await;
    servers.rotate_left(primary);
    Ok(servers)
}

/// Opens and migrates the database, does the work, and closes the database however the work ended.
pub(super) async fn with_database<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(PgPool) -> Result<T, Trouble>,
) -> Result<T, Trouble> {
    let database = OpenDatabase::open(settings).await?;
    let outcome = match database.migrate().await {
        Ok(_) => {
            let pool = database.pool(settings);
            let outcome = work(pool.clone()).await;
            pool.close().await;
            outcome
        }
        Err(trouble) => Err(trouble),
    };
    database.close_after(outcome).await
}
