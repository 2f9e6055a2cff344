//! `groupdesk migrate`

use clap::Args;

use super::database::OpenDatabase;
use super::output::print;
use super::{Done, Trouble, settings};
use crate::platform::config::{CommonArgs, DatabaseArgs};
use crate::platform::db::migrate::Plan;

#[derive(Args)]
pub(super) struct MigrateCommand {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Change nothing: print the migrations that would be applied, and what in the database prevents them
    #[arg(long)]
    check: bool,
}

pub(super) async fn run(common: CommonArgs, command: MigrateCommand) -> Done {
    let settings = settings(common, command.database, None)?;
    let database = OpenDatabase::open(&settings).await?;
    let outcome = if command.check { check(&database).await } else { apply(&database).await };
    database.close_after(outcome).await
}

async fn apply(database: &OpenDatabase) -> Done {
    let applied = database.migrate().await?;
    for migration in &applied {
        print(format_args!("applied {} {}", migration.version, migration.description));
    }
    if applied.is_empty() {
        print("nothing to apply");
    }
    Ok(())
}

async fn check(database: &OpenDatabase) -> Done {
    let Plan { misfits, to_apply } = database.check().await?;
    for misfit in &misfits {
        print(misfit);
    }
    let lines = match misfits.len() {
        0 => None,
        1 => Some("line".to_owned()),
        many => Some(format!("{many} lines")),
    };
    if let Some(lines) = lines {
        return Err(Trouble::Failed(format!("the database does not fit as it is: see the {lines} above")));
    }
    for migration in &to_apply {
        print(format_args!("would apply {} {}", migration.version, migration.description));
    }
    if to_apply.is_empty() {
        print("nothing to apply");
    }
    Ok(())
}
