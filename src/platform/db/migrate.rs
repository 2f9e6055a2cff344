//! Applies the migrations, from as many processes at once as there are.

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Executor as _, PgConnection, PgPool};

pub static MIGRATIONS: Migrator = sqlx::migrate!();

/// Any number that nobody else's advisory locks use; ours to keep for ever.
const SETUP_LOCK: i64 = 0x6772_6f75_7064_6573;

/// One migration that was applied by this call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub version: i64,
    pub description: String,
}

/// Applies what is missing and says what that was. The list of applied migrations is kept in our
/// own schema: the database may be somebody else's too, with a list of its own in `public`.
pub async fn run(options: &PgConnectOptions) -> Result<Vec<Applied>, MigrateError> {
    let options = options.clone().options([
        ("search_path", "groupdesk"),
        ("timezone", "UTC"),
        ("client_min_messages", "warning"),
    ]);
    let mut connection = options.connect().await?;
    create_own_schema(&mut connection).await?;

    // Taken here rather than by the migrator, so that the list read below stays true until the end.
    connection.lock().await?;
    connection.ensure_migrations_table().await?;
    let before = connection.list_applied_migrations().await?;
    MIGRATIONS.run_direct(&mut connection).await?;
    // Also where nothing was applied: it may be a restored database, or a role that was made meanwhile.
    connection.execute("SELECT groupdesk.arrange_application_role()").await?;
    connection.unlock().await?;

    Ok(MIGRATIONS
        .iter()
        .filter(|migration| before.iter().all(|applied| applied.version != migration.version))
        .map(|migration| Applied {
            version: migration.version,
            description: migration.description.to_string(),
        })
        .collect())
}

/// `IF NOT EXISTS` alone does not make two processes safe: both may find it missing.
async fn create_own_schema(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(&format!(
        "BEGIN; SELECT pg_advisory_xact_lock({SETUP_LOCK}); CREATE SCHEMA IF NOT EXISTS groupdesk; COMMIT"
    ))
    .execute(connection)
    .await?;
    Ok(())
}

/// Are all migrations of this program applied there?
pub async fn is_current(pool: &PgPool) -> Result<bool, sqlx::Error> {
    let newest = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or_default();
    let applied: Option<bool> =
        sqlx::query_scalar("SELECT bool_and(success) AND max(version) >= $1 FROM groupdesk._sqlx_migrations")
            .bind(newest)
            .fetch_one(pool)
            .await
            .or_else(|error| if is_bare(&error) { Ok(None) } else { Err(error) })?;
    Ok(applied.unwrap_or(false))
}

/// A database that nothing was ever applied to: no schema, or no table in it.
fn is_bare(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| ["3F000", "42P01"].contains(&&*code))
}
