//! Measures whether the API is as fast as promised. `script/bench` prepares a database and runs this
//! benchmark.
//!
//! There is no promised number of requests a second, because that depends on the machine. The promise is a
//! share of what Postgres achieves by itself: `pgbench` runs the same statements as a request, with as many
//! clients, for as long, on the same database, and the API must reach half of its reads and seven tenths of
//! its writes. Server, driver and Postgres share the processors, as pgbench and Postgres do.
//!
//! 1. `data`: rows whose ids are computed from numbers, so that both sides know them without queries.
//! 2. `statements` and `script`: each request is sent to a server whose database logs statements, and its
//!    statements become a pgbench script.
//! 3. `load` and `pgbench` take turns with a server whose database does not log. The result is the median
//!    ratio of the rounds.
//!
//! `encodings` measures the cost of compression, without a limit.

#![expect(clippy::print_stderr, reason = "shows the progress on the terminal")]

mod data;
mod encodings;
mod load;
mod operations;
mod pgbench;
mod script;
mod server;
mod statements;

use std::error::Error;
use std::fs::File;
use std::process::{ExitCode, Stdio};

use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use data::Scale;
use load::Connection;
use operations::{Caller, Operation, Request};
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

    say("preparing rows");
    let seeded = data::prepare(&pool, scale).await?;
    let token = server::token(&settings, &seeded.email).await?;
    let bench = Bench { settings, pool, scale, caller: Caller { token, group: seeded.group } };

    say("reading which statements a request causes");
    let scripts = bench.scripts().await?;

    let server = Server::start(&bench.settings, &bench.settings.database_url, Stdio::null()).await?;
    let mut comparisons = Vec::new();
    for (operation, script) in Operation::ALL.into_iter().zip(&scripts) {
        say(operation.name());
        comparisons.push(bench.compare(&server, operation, script).await?);
    }
    say("encodings");
    data::settle(&bench.pool).await?;
    let costs = encodings::measure(&server, &bench.caller, bench.scale).await?;
    server.stop().await?;
    let is_kept = report(&comparisons);
    encodings::report(&costs);
    Ok(is_kept)
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Http,
    Pgbench,
}

/// Requests and transactions a second in one round.
#[derive(Debug, Clone, Copy, Default)]
struct Rates {
    http: f64,
    pgbench: f64,
}

struct Comparison {
    operation: Operation,
    rounds: Vec<Rates>,
}

impl Bench {
    /// One script for each operation, in their order. The server of this step is not measured, because its
    /// database connections log statements, which costs time.
    async fn scripts(&self) -> Result<Vec<Script>> {
        let url = format!("{}&options[log_statement]=all", self.settings.database_url);
        let log = File::create(self.settings.server_log())?;
        let server = Server::start(&self.settings, &url, Stdio::from(log)).await?;
        let mut connection = Connection::open(server.address).await?;
        let mut scripts = Vec::new();
        for operation in Operation::ALL {
            let mut request = Request::new(operation, server.address, &self.caller)?;
            let log = &self.settings.postgres_log;
            let sample = statements::capture(&mut connection, &mut request, self.scale, log).await?;
            scripts.push(Script::write(&sample, operation, self.scale, &self.settings.folder)?);
        }
        server.stop().await?;
        Ok(scripts)
    }

    /// Runs rounds of both sides. The first one is for warming up, shorter, and not counted.
    async fn compare(&self, server: &Server, operation: Operation, script: &Script) -> Result<Comparison> {
        let request = Request::new(operation, server.address, &self.caller)?;
        data::settle(&self.pool).await?;
        let mut rounds = Vec::new();
        for round in 0..=self.scale.rounds {
            let seconds = if round == 0 { self.scale.warm_up } else { self.scale.seconds };
            // The second side has larger tables, so the sides take turns.
            let mut order = [Side::Http, Side::Pgbench];
            if round.is_multiple_of(2) {
                order.reverse();
            }
            let mut rates = Rates::default();
            for side in order {
                self.measure(server, &request, script, Turn { round, side, seconds }, &mut rates).await?;
            }
            let Rates { http, pgbench } = rates;
            eprintln!("    round {round}: {http:.0}/s over HTTP, {pgbench:.0}/s by pgbench");
            if round > 0 {
                rounds.push(rates);
            }
        }
        Ok(Comparison { operation, rounds })
    }

    async fn measure(
        &self,
        server: &Server,
        request: &Request,
        script: &Script,
        turn: Turn,
        rates: &mut Rates,
    ) -> Result<()> {
        // Writes cost more after a checkpoint, until their pages are in the WAL. The checkpoint makes both
        // sides start equally.
        data::checkpoint(&self.pool).await?;
        let number = turn.number();
        let done = match turn.side {
            Side::Http => {
                let measured =
                    load::measure(server.address, request, self.scale, number, turn.seconds).await?;
                rates.http = measured.rate;
                measured.done
            }
            Side::Pgbench => {
                let measured = pgbench::measure(&self.settings, script, number, turn.seconds).await?;
                rates.pgbench = measured.rate;
                measured.done
            }
        };
        data::check(&self.pool, request.operation, number, done).await
    }
}

/// One side's part of one round.
#[derive(Debug, Clone, Copy)]
struct Turn {
    round: u64,
    side: Side,
    seconds: u64,
}

impl Turn {
    /// The number of the turn, which selects its rows. Turn 0 is used for reading the statements.
    fn number(self) -> u64 {
        let second = match self.side {
            Side::Http => 0,
            Side::Pgbench => 1,
        };
        data::TURNS_BEFORE + self.round * data::TURNS_PER_ROUND + second
    }
}

impl Comparison {
    fn median(&self, of: impl Fn(&Rates) -> f64) -> f64 {
        let mut values: Vec<f64> = self.rounds.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or_default()
    }

    /// The median of the ratios, not the ratio of the medians: a temporary slowdown of the machine affects
    /// both sides of a round.
    fn ratio(&self) -> f64 {
        self.median(|rates| rates.http / rates.pgbench)
    }

    fn holds(&self) -> bool {
        self.ratio() >= self.operation.limit()
    }
}

/// Prints the table. Returns whether all limits hold.
fn report(comparisons: &[Comparison]) -> bool {
    println!("operation     http/s   pgbench/s    ratio   limit  verdict");
    for comparison in comparisons {
        println!(
            "{:<10}{:>10.0}{:>12.0}{:>8.1}%{:>7.0}%  {}",
            comparison.operation.name(),
            comparison.median(|rates| rates.http),
            comparison.median(|rates| rates.pgbench),
            comparison.ratio() * 100.0,
            comparison.operation.limit() * 100.0,
            if comparison.holds() { "holds" } else { "TOO SLOW" },
        );
    }
    comparisons.iter().all(Comparison::holds)
}
