//! Measures whether the API is as fast as promised. `script/bench` prepares a database and runs this
//! benchmark.
//!
//! There is no promised number of requests a second, because that depends on the machine. The promises are
//! shares of what Postgres achieves by itself with as many clients, for as long, in the same database:
//!
//! - `pgbench` runs the statements of a request on the same tables. This shows the cost of the server.
//! - `pgbench` runs what the operation needs at least on tables with the same rows and hardly any index, no
//!   trigger and no log (`bare`). This shows the cost of the whole product.
//!
//! Server, driver and Postgres share the processors, as pgbench and Postgres do. `report` has the promises,
//! and which of them fail the run.
//!
//! 1. `data`: rows whose ids are computed from numbers, so that all sides know them without queries.
//! 2. `statements` and `script`: each request is sent to a server whose database logs statements, and its
//!    statements become a pgbench script.
//! 3. `compare`: `load` and `pgbench` take turns with a server whose database does not log, and `resources`
//!    reads what each turn uses. The result is the median ratio of the rounds.
//!
//! `encodings` measures the cost of compression, without a limit.

#![expect(clippy::print_stderr, reason = "shows the progress on the terminal")]

mod bare;
mod compare;
mod data;
mod encodings;
mod load;
mod operations;
mod pgbench;
mod report;
mod resources;
mod script;
mod server;
mod statements;

use std::error::Error;
use std::fs::File;
use std::process::{ExitCode, Stdio};

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use compare::{Comparer, Scripts};
use data::Scale;
use load::Connection;
use operations::{Caller, Operation, Request};
use report::Results;
use resources::{IndexBytes, Meter};
use script::Script;
use server::{Server, Settings};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all limits hold.
async fn run() -> Result<bool> {
    let scale = scale()?;
    let settings = Settings::from_environment()?;
    let pool = PgPoolOptions::new().max_connections(1).connect(&settings.database_url).await?;

    say("copying the rows into the bare schema");
    bare::create(&pool).await?;
    let index_bytes = IndexBytes::read(&pool).await?;
    say("preparing rows");
    let seeded = data::prepare(&pool, scale).await?;
    bare::copy_new_rows(&pool).await?;
    let token = server::token(&settings, &seeded.email).await?;
    let bench = Bench { settings, pool, scale, caller: Caller { token, group: seeded.group } };

    say("reading which statements a request causes");
    let scripts = bench.scripts().await?;
    let results = bench.measure(&scripts, index_bytes).await?;
    Ok(report::print(&results))
}

fn scale() -> Result<Scale> {
    let mut scale = Scale::FULL;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--quick" => scale = Scale::QUICK,
            // Cargo passes this argument to every benchmark.
            "--bench" => {}
            other => return Err(format!("there is no {other}; the only option is --quick").into()),
        }
    }
    Ok(scale)
}

fn say(what: &str) {
    eprintln!("==> {what}");
}

struct Bench {
    settings: Settings,
    pool: PgPool,
    scale: Scale,
    caller: Caller,
}

impl Bench {
    /// The scripts of each operation, in their order. The server of this step is not measured, because its
    /// database connections log statements, which costs time.
    async fn scripts(&self) -> Result<Vec<Scripts>> {
        let url = format!("{}&options[log_statement]=all", self.settings.database_url);
        let log = File::create(self.settings.server_log())?;
        let server = Server::start(&self.settings, &url, Stdio::from(log)).await?;
        let mut connection = Connection::open(server.address).await?;
        let folder = &self.settings.folder;
        let mut scripts = Vec::new();
        for operation in Operation::ALL {
            let mut request = Request::new(operation, server.address, &self.caller)?;
            let log = &self.settings.postgres_log;
            let sample = statements::capture(&mut connection, &mut request, self.scale, log).await?;
            scripts.push(Scripts {
                own: Script::write(&sample, operation, self.scale, folder)?,
                bare: bare::script(operation, self.scale, &self.caller, folder)?,
            });
        }
        server.stop().await?;
        Ok(scripts)
    }

    async fn measure(&self, scripts: &[Scripts], index_bytes: IndexBytes) -> Result<Results> {
        let server = Server::start(&self.settings, &self.settings.database_url, Stdio::null()).await?;
        let comparer = Comparer {
            settings: &self.settings,
            pool: &self.pool,
            scale: self.scale,
            server: &server,
            meter: Meter::new(&self.pool).await?,
        };
        let mut comparisons = Vec::new();
        for (operation, scripts) in Operation::ALL.into_iter().zip(scripts) {
            say(operation.name());
            let request = Request::new(operation, server.address, &self.caller)?;
            comparisons.push(comparer.compare(&request, scripts).await?);
        }
        say("encodings");
        data::settle(&self.pool).await?;
        let encodings = encodings::measure(&server, &self.caller, self.scale).await?;
        let (peak_memory, startup) = (server.peak_memory()?, server.startup.as_secs_f64());
        server.stop().await?;
        Ok(Results { comparisons, index_bytes, encodings, peak_memory, startup })
    }
}
