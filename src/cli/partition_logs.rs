//! `groupdesk partition-logs`: partitions the logs by month while servers run. Each step is a transaction, so the command
//! may be stopped at any time and continues when it is run again.

use std::time::Duration;

use clap::Args;
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use tokio::time::sleep;

use super::database::with_open_database;
use super::output::{note, print};
use super::{CommandError, CommandResult, settings};
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs};
use crate::platform::db::errors::has_code;
use crate::platform::db::log_partitions::lock_definitions;
use crate::platform::db::{jitter, migrate};

#[derive(Args)]
pub(super) struct PartitionLogsCommand {
    #[command(flatten)]
    database: DatabaseArgs,
}

const LOGS: [&str; 2] = ["enrollment_events", "admin_events"];
const LOCK: &str = "hashtext('groupdesk partition-logs')";

/// How often a step is tried that needs a table for itself. Each attempt keeps others waiting for less than a second.
const ATTEMPTS: u32 = 60;
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// `lock_not_available` and `deadlock_detected`.
const BUSY: [&str; 2] = ["55P03", "40P01"];

pub(super) async fn run(common: CommonArgs, command: PartitionLogsCommand) -> CommandResult {
    let settings = settings(common, command.database, ServingArgs::default())?;
    with_open_database(&settings, async |options| {
        migrate::run(&options).await?;
        // Not from the pool, which limits the duration of statements.
        let options = options.application_name("groupdesk partition-logs").disable_statement_logging();
        let mut connection = options
            .options([("statement_timeout", "0"), ("client_min_messages", "warning")])
            .connect()
            .await?;
        lock(&mut connection).await?;
        for log in LOGS {
            partition(&mut connection, log).await?;
        }
        // Closing releases the lock.
        Ok(connection.close().await?)
    })
    .await
}

/// Waits for another process that does the same.
async fn lock(connection: &mut PgConnection) -> sqlx::Result<()> {
    let try_lock = format!("SELECT pg_try_advisory_lock({LOCK})");
    if !sqlx::query_scalar(&try_lock).fetch_one(&mut *connection).await? {
        note("waiting for another process that partitions the logs");
        sqlx::query(&format!("SELECT pg_advisory_lock({LOCK})")).execute(connection).await?;
    }
    Ok(())
}

async fn partition(connection: &mut PgConnection, log: &str) -> CommandResult {
    let limit = format!("SELECT groupdesk.limit_log('{log}')::text");
    let Some(table) = retry(connection, log, &limit).await? else {
        print(format_args!("{log}: nothing to do"));
        return Ok(());
    };
    print(format_args!("{log}: reading the times of all rows"));
    let validate = format!("ALTER TABLE {table} VALIDATE CONSTRAINT partition_limit");
    sqlx::raw_sql(&validate).execute(&mut *connection).await?;
    print(format_args!("{log}: adding partitions"));
    retry(connection, log, &format!("SELECT groupdesk.partition_log('{log}')::text")).await?;
    // Autovacuum analyzes partitions only.
    sqlx::raw_sql(&format!("ANALYZE groupdesk.{log}")).execute(connection).await?;
    print(format_args!("{log}: partitioned by month"));
    Ok(())
}

/// Runs a statement that gives up if the table is in use.
async fn retry(connection: &mut PgConnection, log: &str, statement: &str) -> CommandResult<Option<String>> {
    for attempt in 1..=ATTEMPTS {
        match in_transaction(connection, statement).await {
            Err(error) if has_code(&error, &BUSY) => {
                if attempt == 1 {
                    note(format_args!("{log} is in use; trying again"));
                }
                sleep(RETRY_INTERVAL + jitter()).await;
            }
            result => return Ok(result?),
        }
    }
    let message =
        format!("{log} was in use at each of {ATTEMPTS} attempts: run the command again at a quieter time");
    Err(CommandError::Failed(message))
}

async fn in_transaction(connection: &mut PgConnection, statement: &str) -> sqlx::Result<Option<String>> {
    let mut transaction = connection.begin().await?;
    lock_definitions(&mut transaction).await?;
    let returned = sqlx::query_scalar(statement).fetch_one(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(returned)
}
