//! Applies the migrations. Several processes may do so at once.

use std::fmt;
use std::time::Duration;

use sqlx::migrate::{Migrate, MigrateError, Migration, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection as _, Executor as _, PgConnection, PgExecutor};
use tokio::time::sleep;

use super::adoption::{self, Misfit};
use super::connect::is_read_only;
use super::errors::has_code;
use super::log_partitions::lock_definitions;
use crate::platform::failure::note_refused_change;

pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// The last migration of the adoption. Once it is applied, the tables are ours.
const ADOPTED: i64 = 20_260_601_050_000;

const CHECK_INTERVAL: Duration = Duration::from_secs(2);
const REPORT_INTERVAL: Duration = Duration::from_secs(10);

pub type Applied = &'static Migration;

#[derive(Debug)]
pub enum NotMigrated {
    /// The database cannot be adopted as it is. Nothing was changed.
    Misfits(Vec<Misfit>),
    /// `is_undone`: nothing was changed. Otherwise the migrations before the failed one stay applied.
    Failed { error: MigrateError, is_undone: bool },
}

impl<E: Into<MigrateError>> From<E> for NotMigrated {
    fn from(error: E) -> Self {
        Self::Failed { error: error.into(), is_undone: false }
    }
}

impl fmt::Display for NotMigrated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misfits(misfits) => {
                f.write_str("the database does not fit as it is, and nothing was changed:")?;
                misfits.iter().try_for_each(|misfit| write!(f, "\n  {misfit}"))
            }
            Self::Failed { error, is_undone } => {
                let undone = if *is_undone { ", and nothing was changed" } else { "" };
                write!(f, "the migrations could not be applied{undone}: {error}")
            }
        }
    }
}

impl std::error::Error for NotMigrated {}

#[derive(Debug)]
pub struct Plan {
    pub misfits: Vec<Misfit>,
    pub to_apply: Vec<Applied>,
}

pub async fn check(options: &PgConnectOptions) -> Result<Plan, NotMigrated> {
    let (mut connection, pid) = connect(options).await?;
    let plan = async {
        // Half of a running migration would look like a misfit.
        connection.lock().await?;
        let applied = applied(&mut connection).await?;
        let mut misfits = adoption_misfits(&mut connection, &applied).await?.unwrap_or_default();
        misfits.extend(unknown(&applied));
        connection.close().await?;
        Ok(Plan { misfits, to_apply: missing(&applied) })
    };
    report_blockers(options, pid, plan).await
}

/// Applies the missing migrations and returns them. A database is adopted as a whole or not at all. A read-only server is
/// left as it is: if no migration is missing there, commands that only read can go on.
pub async fn run(options: &PgConnectOptions) -> Result<Vec<Applied>, NotMigrated> {
    let (mut connection, pid) = connect(options).await?;
    if is_read_only(&mut connection).await?
        && readiness(&mut connection).await? != Readiness::MigrationsMissing
    {
        return Ok(Vec::new());
    }
    report_blockers(options, pid, apply_missing(&mut connection)).await
}

async fn apply_missing(connection: &mut PgConnection) -> Result<Vec<Applied>, NotMigrated> {
    // Not left to the migrator, so that the list read below stays true until the end.
    connection.lock().await?;
    let before = applied(connection).await?;
    match adoption_misfits(connection, &before).await? {
        None => apply(connection).await?,
        Some(misfits) if misfits.is_empty() => adopt(connection).await?,
        Some(misfits) => return Err(NotMigrated::Misfits(misfits)),
    }
    connection.unlock().await?;
    Ok(missing(&before))
}

async fn connect(options: &PgConnectOptions) -> sqlx::Result<(PgConnection, i32)> {
    // The name shows the operators of the database what they wait for. The list of applied migrations is in our schema,
    // because the database may belong to another product too, whose list is in `public`.
    let options = options.clone().application_name("groupdesk migrate").options([
        ("search_path", "groupdesk"),
        ("timezone", "UTC"),
        ("client_min_messages", "warning"),
    ]);
    let mut connection = options.connect().await?;
    let pid = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await?;
    Ok((connection, pid))
}

/// Applies everything in one transaction, in which each migration's own transaction is a savepoint.
async fn adopt(connection: &mut PgConnection) -> Result<(), NotMigrated> {
    let mut transaction = connection.begin().await?;
    // A table with a pending deferred foreign key check could not be altered.
    transaction.execute("SET CONSTRAINTS ALL IMMEDIATE").await?;
    let undone = |error| NotMigrated::Failed { error, is_undone: true };
    apply(&mut transaction).await.map_err(undone)?;
    Ok(transaction.commit().await?)
}

async fn apply(connection: &mut PgConnection) -> Result<(), MigrateError> {
    connection.execute("CREATE SCHEMA IF NOT EXISTS groupdesk").await?;
    MIGRATIONS.run_direct(connection).await?;
    // Also if nothing was applied: the database may be restored, or the role may be new.
    let mut transaction = connection.begin().await?;
    lock_definitions(&mut transaction).await?;
    transaction.execute("SELECT groupdesk.arrange_application_role()").await?;
    Ok(transaction.commit().await?)
}

/// Does the work of the backend process `pid`, and logs which processes keep it waiting for a lock. Migrations may take
/// long, so they have no lock timeout, and another connection looks.
async fn report_blockers<T>(options: &PgConnectOptions, pid: i32, work: impl Future<Output = T>) -> T {
    let report = async {
        let mut interval = CHECK_INTERVAL;
        loop {
            sleep(interval).await;
            // A failed look is no reason to end the migration.
            let blockers = blockers(options, pid).await.unwrap_or_default().join(" and ");
            interval = if blockers.is_empty() { CHECK_INTERVAL } else { REPORT_INTERVAL };
            if !blockers.is_empty() {
                tracing::warn!(
                    "waiting: {blockers} has locked what the migrations need; let it finish, or end it"
                );
            }
        }
    };
    tokio::select! {
        biased;
        done = work => done,
        never = report => never,
    }
}

/// For example `process 4711 of the database (psql, user ana)`. Any role sees these columns of `pg_stat_activity`.
async fn blockers(options: &PgConnectOptions, pid: i32) -> sqlx::Result<Vec<String>> {
    let mut connection = options.clone().disable_statement_logging().connect().await?;
    let blockers = sqlx::query_scalar(
        "SELECT format('process %s of the database (%suser %s)', pid,
                       coalesce(nullif(application_name, '') || ', ', ''), usename)
         FROM pg_catalog.pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1)) ORDER BY pid",
    );
    let blockers = blockers.bind(pid).fetch_all(&mut connection).await?;
    connection.close().await?;
    Ok(blockers)
}

/// The versions of the applied migrations: none without access to the schema, which the check of the adoption reports.
async fn applied(connection: &mut PgConnection) -> Result<Vec<i64>, MigrateError> {
    let has_list = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                        WHERE n.nspname = 'groupdesk' AND c.relname = '_sqlx_migrations'
                          AND has_schema_privilege(n.oid, 'USAGE'))",
    );
    if !has_list.fetch_one(&mut *connection).await? {
        return Ok(Vec::new());
    }
    let applied = connection.list_applied_migrations().await?;
    Ok(applied.into_iter().map(|migration| migration.version).collect())
}

/// `None`: the database was adopted before.
async fn adoption_misfits(
    connection: &mut PgConnection,
    applied: &[i64],
) -> sqlx::Result<Option<Vec<Misfit>>> {
    if applied.contains(&ADOPTED) {
        return Ok(None);
    }
    adoption::misfits(connection, &MIGRATIONS, applied).await.map(Some)
}

fn missing(applied: &[i64]) -> Vec<Applied> {
    MIGRATIONS.iter().filter(|migration| !applied.contains(&migration.version)).collect()
}

fn unknown(applied: &[i64]) -> impl Iterator<Item = Misfit> {
    applied.iter().filter(|version| !MIGRATIONS.version_exists(**version)).map(|version| Misfit {
        object: "groupdesk._sqlx_migrations".to_owned(),
        fault: format!("the migration {version} is applied, which this version does not know"),
        remedy: "Use the newer version of groupdesk that applied it.".to_owned(),
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    Ready,
    MigrationsMissing,
    /// All migrations are applied. The database is a standby, or was made read-only.
    OnlyReads,
}

/// Uses one statement, so that the answer is about one server.
pub async fn readiness(database: impl PgExecutor<'_>) -> sqlx::Result<Readiness> {
    let newest = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    let state = sqlx::query_as(
        "SELECT coalesce(bool_and(success) AND max(version) >= $1, false),
                current_setting('transaction_read_only') = 'on'
         FROM groupdesk._sqlx_migrations",
    );
    match state.bind(newest).fetch_one(database).await {
        Ok((true, false)) => Ok(Readiness::Ready),
        Ok((true, true)) => {
            note_refused_change();
            Ok(Readiness::OnlyReads)
        }
        Ok((false, _)) => Ok(Readiness::MigrationsMissing),
        // The schema or the table does not exist (`invalid_schema_name`, `undefined_table`): nothing was ever applied.
        Err(error) if has_code(&error, &["3F000", "42P01"]) => Ok(Readiness::MigrationsMissing),
        Err(error) => Err(error),
    }
}
