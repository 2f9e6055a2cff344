//! `groupdesk history`: the history that the database is in.

use clap::Subcommand;

use super::database::with_open_database;
use super::output::print;
use super::{CommandResult, settings};
use crate::platform::clock;
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs};
use crate::platform::db::migrate;
use crate::resources::change_sets::ops::history_begin;

#[derive(Subcommand)]
pub(super) enum HistoryCommand {
    /// Begin a new history after the database was restored from a backup: previews that were made before are refused
    New {
        #[command(flatten)]
        database: DatabaseArgs,
    },
}

pub(super) async fn run(common: CommonArgs, command: HistoryCommand) -> CommandResult {
    let HistoryCommand::New { database } = command;
    let settings = settings(common, database, ServingArgs::default())?;
    // As the owner of the database, because servers may not begin a history.
    with_open_database(&settings, async |options| {
        migrate::run(&options).await?;
        let mut connection = sqlx::ConnectOptions::connect(&options).await?;
        let id = history_begin(&mut connection, clock::system().now()).await?;
        print(format_args!("history {id}"));
        Ok(sqlx::Connection::close(connection).await?)
    })
    .await
}
