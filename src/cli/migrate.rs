//! `groupdesk migrate`

use clap::Args;
use sqlx::postgres::PgConnectOptions;

use super::database::with_open_database;
use super::output::print;
use super::{CommandError, CommandResult, settings};
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs};
use crate::platform::db::migrate::{self, Applied, Plan};

#[derive(Args)]
pub(super) struct MigrateCommand {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Change nothing: print the migrations that would be applied, and what in the database prevents them
    #[arg(long)]
    check: bool,
}

pub(super) async fn run(common: CommonArgs, command: MigrateCommand) -> CommandResult {
    let settings = settings(common, command.database, ServingArgs::default())?;
    with_open_database(&settings, async |options| {
        if command.check {
            return check(&options).await;
        }
        print_migrations("applied", &migrate::run(&options).await?);
        Ok(())
    })
    .await
}

async fn check(options: &PgConnectOptions) -> CommandResult {
    let Plan { misfits, to_apply } = migrate::check(options).await?;
    for misfit in &misfits {
        print(misfit);
    }
    let lines = match misfits.len() {
        0 => {
            print_migrations("would apply", &to_apply);
            return Ok(());
        }
        1 => "line".to_owned(),
        many => format!("{many} lines"),
    };
    Err(CommandError::Failed(format!("the database does not fit as it is: see the {lines} above")))
}

fn print_migrations(verb: &str, migrations: &[Applied]) {
    for migration in migrations {
        print(format_args!("{verb} {} {}", migration.version, migration.description));
    }
    if migrations.is_empty() {
        print("nothing to apply");
    }
}
