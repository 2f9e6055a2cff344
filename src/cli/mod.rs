//! The command line. Exit status: 0 success, 1 failure, 2 bad usage, 3 if a command that only shows what it would do found
//! something to do.

mod apply;
mod database;
mod dump;
mod export;
mod generate;
mod history;
mod import;
mod migrate;
mod note_args;
mod operator;
mod output;
mod partition_logs;
mod plan;
mod plan_file;
mod removal_args;
mod seed;
mod serve;
mod token;
mod undo;

use std::fmt::Display;
use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};
use tokio::runtime::Builder;

use crate::kernel::actor::{Actor, Source};
use crate::kernel::problem::Problem;
use crate::platform::assets::{self, Site};
use crate::platform::call::{Administer, Call};
use crate::platform::config::{CommonArgs, DatabaseArgs, ServingArgs, Settings};
use crate::platform::failure::Failure;
use crate::platform::{clock, telemetry};
use crate::ui::locale::formats::Formats;
use crate::ui::locale::viewer_locale::ViewerLocale;
use crate::ui::messages;

/// Manage workspace groups: web interface, API and command line
#[derive(Parser)]
#[command(name = "groupdesk", version, about, propagate_version = true, subcommand_required = true)]
#[command(
    after_help = "Settings come from flags, then from GROUPDESK_* variables, then from the file that --config names.\n\
                  Without a database URL a private Postgres is used, and started where none is running."
)]
struct Cli {
    #[command(flatten)]
    common: CommonArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Apply the migrations and serve the pages and the API
    Serve(serve::ServeCommand),
    /// Apply the migrations and print them
    Migrate(migrate::MigrateCommand),
    /// Fill the database with demo data, the same for the same seed
    Seed(seed::SeedCommand),
    /// Enroll the workspaces of a CSV file in a group, or remove them from it
    Import(import::ImportCommand),
    /// Show what would make groups what a file says, and write it as a plan
    ///
    /// Exit status: 0 if nothing would change, 3 if something would, 1 or 2 after a failure.
    Plan(plan::PlanCommand),
    /// Apply a plan, if nothing has changed since it was made
    ///
    /// Each group is changed at once or not at all, and all of them are one change set. If the command is stopped, running it
    /// again finishes the rest.
    Apply(apply::ApplyCommand),
    /// Compare groups with a file, for a scheduled check
    ///
    /// Exit status: 0 if they are the same, 3 if they differ, 1 or 2 after a failure.
    Drift(plan::DriftCommand),
    /// Write what groups contain as a file for "groupdesk plan"
    Dump(dump::DumpCommand),
    /// Reverse everything that one request, command or import did to enrollments
    Undo(undo::UndoCommand),
    /// Make a group contain what it contained at a moment
    Restore(undo::RestoreCommand),
    /// Manage the history of a database that was restored from a backup
    #[command(subcommand)]
    History(history::HistoryCommand),
    /// Manage the people who sign in
    #[command(subcommand)]
    Operator(operator::OperatorCommand),
    /// Write the history, or enrollments, to a file or to standard output
    #[command(subcommand)]
    Export(export::ExportCommand),
    /// Partition the logs by month, so that old months can be detached
    #[command(
        long_about = "Partition the logs by month, so that old months can be detached. Servers may continue to run: \
                            the existing table becomes the first partition, no row is rewritten, and changes wait for less \
                            than a second. The command may be stopped and run again at any time; it does nothing if the logs \
                            are partitioned. There is no way back to a single table except by copying the rows."
    )]
    PartitionLogs(partition_logs::PartitionLogsCommand),
    /// Print the machine-readable description of the API (OpenAPI 3.1)
    Openapi,
    /// Write manual pages or shell completions for a package
    #[command(hide = true, subcommand)]
    Generate(generate::GenerateCommand),
    /// Manage the tokens of API clients
    #[command(subcommand)]
    Token(token::TokenCommand),
}

enum CommandError {
    Usage(String),
    Failed(String),
    /// The command has shown what it would do.
    Differs,
}

type CommandResult<T = ()> = Result<T, CommandError>;

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> Self {
        Self::Failed(match failure {
            Failure::Problem(problem) => sentence(&problem),
            Failure::Unavailable(why) | Failure::Conflict(why) | Failure::Fault(why) => why.to_string(),
        })
    }
}

impl<E: std::error::Error> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self::Failed(error.to_string())
    }
}

fn cannot(action: impl Display) -> impl Fn(io::Error) -> CommandError {
    move |error| CommandError::Failed(format!("cannot {action}: {error}"))
}

fn sentence(problem: &Problem) -> String {
    messages::sentence(problem, &formats())
}

fn formats() -> Formats {
    ViewerLocale::default().formats(clock::system().now())
}

/// Runs the command that the arguments name. `LEPTOS_SITE_ROOT` replaces `site` by a folder during development.
pub fn run(site: Site) -> ExitCode {
    let cli = Cli::parse();
    assets::provide(match std::env::var_os("LEPTOS_SITE_ROOT") {
        Some(folder) => Site::Folder(folder.into()),
        None => site,
    });
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(cannot("start"));
    let (message, status) = match runtime.and_then(|runtime| runtime.block_on(dispatch(cli))) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(CommandError::Differs) => return ExitCode::from(3),
        Err(CommandError::Usage(message)) => (message, 2),
        Err(CommandError::Failed(message)) => (message, 1),
    };
    output::note(format_args!("groupdesk: {message}"));
    ExitCode::from(status)
}

async fn dispatch(Cli { common, command }: Cli) -> CommandResult {
    match command {
        Command::Serve(command) => serve::run(common, command).await,
        Command::Migrate(command) => migrate::run(common, command).await,
        Command::Seed(command) => seed::run(common, command).await,
        Command::Import(command) => import::run(common, command).await,
        Command::Plan(command) => plan::plan(common, command).await,
        Command::Apply(command) => apply::apply(common, command).await,
        Command::Drift(command) => plan::drift(common, command).await,
        Command::Dump(command) => dump::dump(common, command).await,
        Command::Undo(command) => undo::undo(common, command).await,
        Command::Restore(command) => undo::restore(common, command).await,
        Command::History(command) => history::run(common, command).await,
        Command::Operator(command) => operator::run(common, command).await,
        Command::Export(command) => export::run(common, command).await,
        Command::PartitionLogs(command) => partition_logs::run(common, command).await,
        Command::Openapi => openapi(),
        Command::Generate(command) => generate::run(Cli::command(), command),
        Command::Token(command) => token::run(common, command).await,
    }
}

fn openapi() -> CommandResult {
    match writeln!(io::stdout().lock(), "{}", crate::registry::openapi::text()) {
        // The reader has closed the pipe: `groupdesk openapi | head`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(cannot("write to standard output")),
    }
}

fn settings(common: CommonArgs, database: DatabaseArgs, serving: ServingArgs) -> CommandResult<Settings> {
    let settings = Settings::gather(common, database, serving).map_err(CommandError::Usage)?;
    telemetry::start(&settings).map_err(CommandError::Usage)?;
    Ok(settings)
}

/// A user who can run the program on the machine may do everything.
fn administrator() -> Call<Administer> {
    let actor = Actor { person: None, source: Source::Cli, token_name: None };
    Call::granted(actor, clock::system().now(), None)
}
