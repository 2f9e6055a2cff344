//! The database of a command: the one that was named, or the private one.

use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;

use super::Trouble;
use crate::platform::config::{Database, Settings};
use crate::platform::db::migrate::{self, Applied};
use crate::platform::db::{self, Reach};
use crate::platform::private_postgres::PrivatePostgres;

pub(super) struct OpenDatabase {
    /// Past the pooler, where there is one: commands migrate, copy in and hold what lasts longer than a
    /// transaction.
    pub(super) options: PgConnectOptions,
    /// By way of the pooler.
    pooled: Option<PgConnectOptions>,
    private: Option<PrivatePostgres>,
}

impl OpenDatabase {
    pub(super) async fn open(settings: &Settings) -> Result<Self, Trouble> {
        match &settings.database {
            Database::Url { url, direct_url } => {
                let named = db::options(url).map_err(Trouble::Usage)?;
                Ok(match direct_url {
                    Some(direct) => Self {
                        options: db::options(direct).map_err(Trouble::Usage)?,
                        pooled: Some(named),
                        private: None,
                    },
                    None => Self { options: named, pooled: None, private: None },
                })
            }
            Database::Private(settings) => {
                let private = PrivatePostgres::start(settings)
                    .await
                    .map_err(|error| Trouble::Failed(error.to_string()))?;
                Ok(Self { options: private.options(), pooled: None, private: Some(private) })
            }
        }
    }

    pub(super) async fn migrate(&self) -> Result<Vec<Applied>, Trouble> {
        migrate::run(&self.options)
            .await
            .map_err(|error| Trouble::Failed(format!("the migrations could not be applied: {error}")))
    }

    pub(super) fn pool(&self, settings: &Settings) -> PgPool {
        db::pool(self.options.clone(), settings.database_connections)
    }

    pub(super) const fn is_pooled(&self) -> bool {
        self.pooled.is_some()
    }

    /// For what serves strangers.
    pub(super) fn serving_pool(&self, settings: &Settings) -> PgPool {
        let (options, reach) = match &self.pooled {
            Some(pooled) => (pooled, Reach::Pooled),
            None => (&self.options, Reach::Direct),
        };
        db::serving_pool(options.clone(), settings.database_connections, reach)
    }

    /// Stops the private Postgres, unless somebody else uses it.
    pub(super) async fn close(self) -> Result<(), Trouble> {
        match self.private {
            Some(private) => private.stop().await.map_err(|error| Trouble::Failed(error.to_string())),
            None => Ok(()),
        }
    }
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
    database.close().await?;
    outcome
}
