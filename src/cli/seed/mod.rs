//! `groupdesk seed`: realistic demo data, the same for the same seed. One transaction writes everything by `COPY`. For
//! many rows, indexes and foreign keys are rebuilt at the end, which for ten million takes minutes instead of an hour.

mod load;
mod plan;

use chrono::{DateTime, Utc};
use clap::Args;
use sqlx::ConnectOptions;

use self::load::load;
use self::plan::Plan;
use super::database::with_open_database;
use super::output::print;
use super::{CommandError, CommandResult, settings};
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs};
use crate::platform::db::migrate;

#[derive(Args)]
pub(super) struct SeedCommand {
    #[command(flatten)]
    size: Size,
    /// The same seed generates the same data
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The time of the last events, two years after the first (RFC 3339)
    #[arg(long, value_name = "TIME", default_value = "2026-11-01T00:00:00Z")]
    until: DateTime<Utc>,
    #[command(flatten)]
    database: DatabaseArgs,
}

#[derive(Debug, Clone, Copy, Args)]
struct Size {
    /// The number of groups
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    groups: u32,
    /// The number of workspaces
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    workspaces: u32,
    /// The number of people
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    people: u32,
    /// The number of enrollments, live and removed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100_000_000))]
    enrollments: u32,
}

pub(super) async fn run(common: CommonArgs, command: SeedCommand) -> CommandResult {
    let plan = Plan::new(command.size, command.seed, command.until).map_err(CommandError::Usage)?;
    let settings = settings(common, command.database, ServingArgs::default())?;
    with_open_database(&settings, async |options| {
        migrate::run(&options).await?;
        // Not from the pool, which limits the duration of statements.
        let mut connection = options.disable_statement_logging().connect().await?;
        let (live, events) = load(&mut connection, &plan).await.map_err(explain)?;
        let Size { groups, workspaces, people, enrollments } = plan.size;
        print(format_args!(
            "{people} people, {workspaces} workspaces, {groups} groups, {enrollments} enrollments ({live} of them live), \
             {events} events"
        ));
        Ok(())
    })
    .await
}

fn explain(error: sqlx::Error) -> CommandError {
    if error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation) {
        CommandError::Failed("some data of this seed exists already: choose another --seed".to_owned())
    } else {
        error.into()
    }
}
