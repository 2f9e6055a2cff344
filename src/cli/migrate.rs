//! `groupdesk migrate`

use clap::Args;

use super::database::OpenDatabase;
use super::{Done, Trouble, settings};
use crate::platform::config::{CommonArgs, DatabaseArgs};
use crate::platform::db::migrate::Plan;

#[derive(Args)]
pub(super) struct MigrateCommand {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Change nothing: say what would be applied, and what in the database stands in the way
    #[arg(long)]
    check: bool,
}

pub(super) async fn run(common: CommonArgs, command: MigrateCommand) -> Done {
    let settings = settings(common, command.database, None)?;
    let database = OpenDatabase::open(&settings).await?;
    let outcome = if command.check { check(&database).await } else { apply(&database).await };
    database.close_after(outcome).await
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn apply(database: &OpenDatabase) -> Done {
    let applied = database.migrate().await?;
    for migration in &applied {
        println!("applied {} {}", migration.version, migration.description);
    }
    if applied.is_empty() {
        println!("nothing to apply");
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
async fn check(database: &OpenDatabase) -> Done {
    let Plan { misfits, to_apply } = database.check().await?;
    for misfit in &misfits {
        println!("{misfit}");
    }
    match misfits.len() {
        0 => {}
        1 => {
            return Err(Trouble::Failed("the database does not fit as it is: see the line above".to_owned()));
        }
        many => {
            let message = format!("the database does not fit as it is: see the {many} lines above");
            return Err(Trouble::Failed(message));
        }
    }
    for migration in &to_apply {
        println!("would apply {} {}", migration.version, migration.description);
    }
    if to_apply.is_empty() {
        println!("nothing to apply");
    }
    Ok(())
}
