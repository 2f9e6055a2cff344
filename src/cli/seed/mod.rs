//! `groupdesk seed`: demo data that looks like a real platform's, the same for the same seed.
//!
//! All of it is one transaction: it is there whole, or not at all. Rows go in by `COPY`. Where many
//! go into an empty database, indexes and foreign keys are taken off first and made anew at the end,
//! which for ten million rows is the difference between minutes and an hour.

mod load;
mod names;
mod plan;

use chrono::{DateTime, Utc};
use clap::Args;
use sqlx::ConnectOptions;

use super::database::OpenDatabase;
use super::{Done, Trouble, settings};
use crate::platform::config::{CommonArgs, DatabaseArgs};
use plan::{Plan, Size};

#[derive(Args)]
pub(super) struct SeedCommand {
    /// How many groups
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    groups: u32,
    /// How many workspaces
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    workspaces: u32,
    /// How many people
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    people: u32,
    /// How many enrollments, live and removed together
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=100_000_000))]
    enrollments: u32,
    /// The same number makes the same data
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// The moment at which the story ends, two years after it begins (RFC 3339)
    #[arg(long, value_name = "TIME", default_value = "2026-11-01T00:00:00Z")]
    until: DateTime<Utc>,
    #[command(flatten)]
    database: DatabaseArgs,
}

pub(super) async fn run(common: CommonArgs, command: SeedCommand) -> Done {
    let size = Size {
        groups: command.groups,
        workspaces: command.workspaces,
        people: command.people,
        enrollments: command.enrollments,
    };
    let plan = Plan::new(size, command.seed, command.until).map_err(Trouble::Usage)?;
    let settings = settings(common, command.database, None)?;
    let database = OpenDatabase::open(&settings).await?;
    let outcome = fill(&database, &plan).await;
    database.close_after(outcome).await
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn fill(database: &OpenDatabase, plan: &Plan) -> Done {
    database.migrate().await?;
    // Not from the pool: its statements may not take minutes.
    let options = database.options().disable_statement_logging();
    let mut connection = options.connect().await?;
    let told = load::load(&mut connection, plan).await.map_err(explain)?;
    println!(
        "{} people, {} workspaces, {} groups, {} enrollments ({} of them live), {} events",
        plan.size.people,
        plan.size.workspaces,
        plan.size.groups,
        plan.size.enrollments,
        told.live,
        told.events
    );
    Ok(())
}

fn explain(error: sqlx::Error) -> Trouble {
    let is_there = error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation);
    if is_there {
        Trouble::Failed(
            "the data of this seed is there already, in whole or in part: choose another --seed".to_owned(),
        )
    } else {
        error.into()
    }
}
