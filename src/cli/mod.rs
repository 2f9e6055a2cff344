//! The command line, which calls the same operations as the pages and the API. Exit status: 0 success, 1 failure, 2 bad
//! usage.

mod database;
mod export;
mod generate;
mod import;
mod migrate;
mod operator;
mod output;
mod seed;
mod serve;
mod token;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::kernel::actor::{Actor, Source};
use crate::kernel::problem::Problem;
use crate::platform::assets::{self, Site};
use crate::platform::call::{Administer, Call};
use crate::platform::config::{BadSetting, CommonArgs, DatabaseArgs, ServingArgs, Settings};
use crate::platform::failure::Failure;
use crate::platform::{clock, telemetry};
use crate::ui::locale::viewer_locale::ViewerLocale;
use crate::ui::messages;

/// The admin desk for workspace groups.
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
    /// Enroll the workspaces of a CSV file in a group
    Import(import::ImportCommand),
    /// Manage the people who sign in
    #[command(subcommand)]
    Operator(operator::OperatorCommand),
    /// Write the history, or enrollments, to a file or to standard output
    #[command(subcommand)]
    Export(export::ExportCommand),
    /// Print the machine-readable description of the API (OpenAPI 3.1)
    Openapi,
    /// Write manual pages or shell completions for a package
    #[command(hide = true, subcommand)]
    Generate(generate::GenerateCommand),
    /// Manage the tokens of API clients
    #[command(subcommand)]
    Token(token::TokenCommand),
}

/// Why a command failed.
enum Trouble {
    Usage(String),
    Failed(String),
}

impl From<BadSetting> for Trouble {
    fn from(BadSetting(message): BadSetting) -> Self {
        Self::Usage(message)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Failed(match failure {
            Failure::Problem(problem) => sentence(&problem),
            Failure::Unavailable(error) | Failure::Conflict(error) | Failure::Fault(error) => {
                error.to_string()
            }
        })
    }
}

/// The sentence that the pages show for a refusal.
fn sentence(problem: &Problem) -> String {
    messages::sentence(problem, &ViewerLocale::default().formats(clock::system().now()))
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Failure::from(problem).into()
    }
}

impl From<sqlx::Error> for Trouble {
    fn from(error: sqlx::Error) -> Self {
        Failure::from(error).into()
    }
}

type Done = Result<(), Trouble>;

fn failed(error: impl std::fmt::Display) -> Trouble {
    Trouble::Failed(error.to_string())
}

/// Runs the command that the arguments name. `site` has the browser's files that are part of the program;
/// `LEPTOS_SITE_ROOT` replaces them with those of a folder during development.
pub fn run(site: Site) -> ExitCode {
    let cli = Cli::parse();
    assets::provide(match std::env::var_os("LEPTOS_SITE_ROOT") {
        Some(folder) => Site::folder(folder.into()),
        None => site,
    });
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(Trouble::Failed(format!("cannot start: {error}"))),
    };
    match runtime.block_on(dispatch(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => report(trouble),
    }
}

fn report(trouble: Trouble) -> ExitCode {
    let (message, status) = match trouble {
        Trouble::Usage(message) => (message, 2),
        Trouble::Failed(message) => (message, 1),
    };
    output::note(format_args!("groupdesk: {message}"));
    ExitCode::from(status)
}

async fn dispatch(cli: Cli) -> Done {
    let common = cli.common;
    match cli.command {
        Command::Serve(command) => serve::run(common, command).await,
        Command::Migrate(command) => migrate::run(common, command).await,
        Command::Seed(command) => seed::run(common, command).await,
        Command::Import(command) => import::run(common, command).await,
        Command::Operator(command) => operator::run(common, command).await,
        Command::Export(command) => export::run(common, command).await,
        Command::Openapi => openapi(),
        Command::Generate(command) => generate::run(Cli::command(), command),
        Command::Token(command) => token::run(common, command).await,
    }
}

fn openapi() -> Done {
    match writeln!(std::io::stdout().lock(), "{}", crate::registry::openapi::text()) {
        // The reader has closed the pipe: `groupdesk openapi | head`.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Trouble::Failed(format!("cannot write to standard output: {error}"))),
        Ok(()) => Ok(()),
    }
}

/// Reads the settings and starts the log.
fn settings(
    common: CommonArgs,
    database: DatabaseArgs,
    serving: Option<ServingArgs>,
) -> Result<Settings, Trouble> {
    let settings = Settings::gather(common, database, serving.unwrap_or_default())?;
    telemetry::start(&settings).map_err(Trouble::Usage)?;
    Ok(settings)
}

/// A user who can run the program on the machine may do everything.
fn administrator() -> Call<Administer> {
    let actor = Actor { person: None, source: Source::Cli, token_name: None };
    Call::granted(actor, clock::system().now(), None)
}
