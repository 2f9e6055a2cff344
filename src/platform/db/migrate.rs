//! Applies the migrations, from as many processes at once as there are.

use std::fmt;

use sqlx::migrate::{AppliedMigration, Migrate, MigrateError, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection as _, Executor as _, PgConnection, PgExecutor};

use super::adoption::{self, Misfit};
use super::blockers;
use super::pool::only_reads;
use crate::platform::failure::note_refused_change;

pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// Any number that nobody else's advisory locks use; ours to keep for ever.
const SETUP_LOCK: i64 = 0x6772_6f75_7064_6573;

/// The last migration that takes over what was there before: from then on the tables are ours.
const ADOPTED: i64 = 20_260_601_050_000;

/// One migration that was applied by this call, or would be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub version: i64,
    pub description: String,
}

/// Why the migrations were not applied.
#[derive(Debug)]
pub enum NotMigrated {
    /// The database cannot be adopted as it is. Nothing was changed.
    Misfits(Vec<Misfit>),
    Failed {
        error: MigrateError,
        /// Has it left everything as it was? Otherwise those before the one that failed stay applied.
        is_undone: bool,
    },
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
            Self::Failed { error, is_undone: false } => {
                write!(f, "the migrations could not be applied: {error}")
            }
            Self::Failed { error, is_undone: true } => {
                write!(f, "the migrations could not be applied, and nothing was changed: {error}")
            }
        }
    }
}

/// What a run would come to.
#[derive(Debug)]
pub struct Plan {
    /// All that stands in its way.
    pub misfits: Vec<Misfit>,
    pub to_apply: Vec<Applied>,
}

/// Says what [`run`] would do, and changes nothing.
pub async fn check(options: &PgConnectOptions) -> Result<Plan, NotMigrated> {
    let mut connection = connect(options).await?;
    let pid = process(&mut connection).await?;
    let plan = blockers::said_during(options, pid, plan(&mut connection)).await?;
    connection.close().await?;
    Ok(plan)
}

async fn plan(connection: &mut PgConnection) -> Result<Plan, NotMigrated> {
    // Not while somebody migrates: half of it would look like a misfit.
    connection.lock().await?;
    let applied = applied(connection).await?;
    let mut misfits = if is_adopted(&applied) { Vec::new() } else { misfits(connection, &applied).await? };
    misfits.extend(unknown(&applied));
    Ok(Plan { misfits, to_apply: missing(&applied) })
}

/// Applies what is missing and says what that was. The list of applied migrations is kept in our
/// own schema: the database may be somebody else's too, with a list of its own in `public`.
///
/// A database that is adopted is looked at first, and adopted as a whole or not at all. A server that only reads is
/// left as it is: where nothing is missing there, what only reads can go on.
pub async fn run(options: &PgConnectOptions) -> Result<Vec<Applied>, NotMigrated> {
    let mut connection = connect(options).await?;
    if only_reads(&mut connection).await? && readiness(&mut connection).await? != Readiness::MigrationsMissing
    {
        return Ok(Vec::new());
    }
    let pid = process(&mut connection).await?;
    blockers::said_during(options, pid, apply_missing(&mut connection)).await
}

async fn apply_missing(connection: &mut PgConnection) -> Result<Vec<Applied>, NotMigrated> {
    // Taken here rather than by the migrator, so that the list read below stays true until the end.
    connection.lock().await?;
    let before = applied(connection).await?;
    if is_adopted(&before) {
        apply(connection).await?;
    } else {
        let misfits = misfits(connection, &before).await?;
        if !misfits.is_empty() {
            return Err(NotMigrated::Misfits(misfits));
        }
        adopt(connection).await?;
    }
    connection.unlock().await?;
    Ok(missing(&before))
}

async fn connect(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    // By this name others learn for whom they wait.
    let options = options.clone().application_name("groupdesk migrate").options([
        ("search_path", "groupdesk"),
        ("timezone", "UTC"),
        ("client_min_messages", "warning"),
    ]);
    options.connect().await
}

/// The process of the database that serves this connection.
async fn process(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(connection).await
}

/// In one transaction, within which each migration's own is a savepoint.
async fn adopt(connection: &mut PgConnection) -> Result<(), NotMigrated> {
    let mut transaction = connection.begin().await?;
    // Tables that were there may check foreign keys at the end, and could not be altered while that is to come.
    transaction.execute("SET CONSTRAINTS ALL IMMEDIATE").await?;
    let applied = apply(&mut transaction).await;
    applied.map_err(|error| NotMigrated::Failed { error, is_undone: true })?;
    transaction.commit().await?;
    Ok(())
}

async fn apply(connection: &mut PgConnection) -> Result<(), MigrateError> {
    create_own_schema(connection).await?;
    MIGRATIONS.run_direct(connection).await?;
    // Also where nothing was applied: it may be a restored database, or a role that was made meanwhile.
    connection.execute("SELECT groupdesk.arrange_application_role()").await?;
    Ok(())
}

/// `IF NOT EXISTS` alone does not make two processes safe: both may find it missing.
async fn create_own_schema(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SETUP_LOCK).execute(&mut *transaction).await?;
    transaction.execute("CREATE SCHEMA IF NOT EXISTS groupdesk").await?;
    transaction.commit().await
}

/// Those that are applied; none where there is no list yet, or where the login may not look into its schema, which
/// the check for an adoption reports.
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

/// What stands in the way of the adoption.
async fn misfits(
    connection: &mut PgConnection,
    applied: &[AppliedMigration],
) -> Result<Vec<Misfit>, sqlx::Error> {
    let versions: Vec<i64> = applied.iter().map(|applied| applied.version).collect();
    adoption::misfits(connection, &versions).await
}

fn is_adopted(applied: &[AppliedMigration]) -> bool {
    applied.iter().any(|applied| applied.version == ADOPTED)
}

fn missing(applied: &[AppliedMigration]) -> Vec<Applied> {
    MIGRATIONS
        .iter()
        .filter(|migration| applied.iter().all(|applied| applied.version != migration.version))
        .map(|migration| Applied {
            version: migration.version,
            description: migration.description.to_string(),
        })
        .collect()
}

/// What a newer version of the program has done to the database.
fn unknown(applied: &[AppliedMigration]) -> impl Iterator<Item = Misfit> {
    applied.iter().filter(|applied| !MIGRATIONS.version_exists(applied.version)).map(|applied| Misfit {
        place: "groupdesk._sqlx_migrations".to_owned(),
        fault: format!("the migration {} is applied, which this version does not know", applied.version),
        remedy: "Use the newer version of groupdesk that applied it.".to_owned(),
    })
}

/// May this program be given requests by that database?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It takes changes, and all migrations of this program are applied.
    Ready,
    MigrationsMissing,
    /// All migrations are applied. It is a standby, or was made read-only.
    OnlyReads,
}

/// In one statement, of one server.
pub async fn readiness(database: impl PgExecutor<'_>) -> Result<Readiness, sqlx::Error> {
    let newest = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    let found: Option<(bool, bool)> = sqlx::query_as(
        "SELECT coalesce(bool_and(success) AND max(version) >= $1, false),
                current_setting('transaction_read_only') = 'on'
         FROM groupdesk._sqlx_migrations",
    )
    .bind(newest)
    .fetch_optional(database)
    .await
    .or_else(|error| if is_bare(&error) { Ok(None) } else { Err(error) })?;
    Ok(match found {
        None | Some((false, _)) => Readiness::MigrationsMissing,
        Some((true, false)) => Readiness::Ready,
        Some((true, true)) => {
            note_refused_change();
            Readiness::OnlyReads
        }
    })
}

/// A database that nothing was ever applied to: no schema, or no table in it.
fn is_bare(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| ["3F000", "42P01"].contains(&&*code))
}
