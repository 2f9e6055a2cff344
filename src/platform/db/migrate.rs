//! Applies the migrations. Several processes may do so at once.

use std::fmt;

use sqlx::migrate::{AppliedMigration, Migrate, MigrateError, Migration, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection as _, Executor as _, PgConnection, PgExecutor};

use super::adoption::{self, Misfit};
use super::blockers;
use super::pool::is_read_only;
use crate::platform::failure::{has_code, note_refused_change};

pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// An advisory lock number that nothing else uses. It must never change.
const SETUP_LOCK: i64 = 0x6772_6f75_7064_6573;

/// The last migration of the adoption. Once it is applied, the tables are ours.
const ADOPTED: i64 = 20_260_601_050_000;

/// A migration that was or would be applied.
pub type Applied = &'static Migration;

/// Why the migrations were not applied.
#[derive(Debug)]
pub enum NotMigrated {
    /// The database cannot be adopted as it is. Nothing was changed.
    Misfits(Vec<Misfit>),
    /// `is_undone`: nothing was changed. Otherwise the migrations before the failed one stay applied.
    Failed { error: MigrateError, is_undone: bool },
}

impl From<MigrateError> for NotMigrated {
    fn from(error: MigrateError) -> Self {
        Self::Failed { error, is_undone: false }
    }
}

impl From<sqlx::Error> for NotMigrated {
    fn from(error: sqlx::Error) -> Self {
        MigrateError::from(error).into()
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

#[derive(Debug)]
pub struct Plan {
    pub misfits: Vec<Misfit>,
    pub to_apply: Vec<Applied>,
}

/// Returns what [`run`] would do, and changes nothing.
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
    blockers::report_during(options, pid, plan).await
}

/// Applies the missing migrations and returns them. The list of applied migrations is in our own schema, because the
/// database may belong to another product too, with its list in `public`.
///
/// A database that is adopted is checked first, and adopted as a whole or not at all. A read-only server is left as it
/// is: if no migration is missing there, commands that only read can go on.
pub async fn run(options: &PgConnectOptions) -> Result<Vec<Applied>, NotMigrated> {
    let (mut connection, pid) = connect(options).await?;
    if is_read_only(&mut connection).await?
        && readiness(&mut connection).await? != Readiness::MigrationsMissing
    {
        return Ok(Vec::new());
    }
    blockers::report_during(options, pid, apply_missing(&mut connection)).await
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

/// Returns a connection and the id of its backend process.
async fn connect(options: &PgConnectOptions) -> sqlx::Result<(PgConnection, i32)> {
    // This name shows the operators of the database what they wait for.
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
    create_own_schema(connection).await?;
    MIGRATIONS.run_direct(connection).await?;
    // Also if nothing was applied: the database may be restored, or the role may be new.
    connection.execute("SELECT groupdesk.arrange_application_role()").await?;
    Ok(())
}

/// `IF NOT EXISTS` is not safe for concurrent processes without a lock: both may find the schema missing.
async fn create_own_schema(connection: &mut PgConnection) -> sqlx::Result<()> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SETUP_LOCK).execute(&mut *transaction).await?;
    transaction.execute("CREATE SCHEMA IF NOT EXISTS groupdesk").await?;
    transaction.commit().await
}

/// The applied migrations. There are none without a list, or if the login may not look into its schema, which the
/// check for the adoption reports.
async fn applied(connection: &mut PgConnection) -> Result<Vec<AppliedMigration>, MigrateError> {
    let has_list: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                        WHERE n.nspname = 'groupdesk' AND c.relname = '_sqlx_migrations'
                          AND has_schema_privilege(n.oid, 'USAGE'))",
    )
    .fetch_one(&mut *connection)
    .await?;
    if has_list { connection.list_applied_migrations().await } else { Ok(Vec::new()) }
}

/// Everything that prevents the adoption, or `None` if the database is adopted.
async fn adoption_misfits(
    connection: &mut PgConnection,
    applied: &[AppliedMigration],
) -> sqlx::Result<Option<Vec<Misfit>>> {
    let versions: Vec<i64> = applied.iter().map(|applied| applied.version).collect();
    if versions.contains(&ADOPTED) {
        return Ok(None);
    }
    adoption::misfits(connection, &MIGRATIONS, &versions).await.map(Some)
}

fn missing(applied: &[AppliedMigration]) -> Vec<Applied> {
    let is_missing = |migration: &Applied| applied.iter().all(|applied| applied.version != migration.version);
    MIGRATIONS.iter().filter(is_missing).collect()
}

/// Migrations that a newer version of the program has applied.
fn unknown(applied: &[AppliedMigration]) -> impl Iterator<Item = Misfit> {
    applied.iter().filter(|applied| !MIGRATIONS.version_exists(applied.version)).map(|applied| Misfit {
        object: "groupdesk._sqlx_migrations".to_owned(),
        fault: format!("the migration {} is applied, which this version does not know", applied.version),
        remedy: "Use the newer version of groupdesk that applied it.".to_owned(),
    })
}

/// Whether this version of the program can serve requests from a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// All migrations of this program are applied, and the database accepts changes.
    Ready,
    MigrationsMissing,
    /// All migrations are applied. The database is a standby, or was made read-only.
    OnlyReads,
}

/// Uses one statement, so that the answer is about one server.
pub async fn readiness(database: impl PgExecutor<'_>) -> sqlx::Result<Readiness> {
    let newest = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    let found: Option<(bool, bool)> = sqlx::query_as(
        "SELECT coalesce(bool_and(success) AND max(version) >= $1, false),
                current_setting('transaction_read_only') = 'on'
         FROM groupdesk._sqlx_migrations",
    )
    .bind(newest)
    .fetch_optional(database)
    .await
    // The schema or the table does not exist (`invalid_schema_name`, `undefined_table`): nothing was ever applied.
    .or_else(|error| if has_code(&error, &["3F000", "42P01"]) { Ok(None) } else { Err(error) })?;
    Ok(match found {
        None | Some((false, _)) => Readiness::MigrationsMissing,
        Some((true, false)) => Readiness::Ready,
        Some((true, true)) => {
            note_refused_change();
            Readiness::OnlyReads
        }
    })
}
