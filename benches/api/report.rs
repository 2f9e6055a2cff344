//! The targets, and the tables with the results.

use crate::compare::{Comparison, Round};
use crate::encodings;
use crate::operations::Operation;
use crate::resources::IndexBytes;

/// What a number must reach.
#[derive(Debug, Clone, Copy)]
enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

/// Whether a number outside of its bound fails the run or is only marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Force {
    Fails,
    Marks,
}

#[derive(Debug, Clone, Copy)]
struct Target {
    bound: Bound,
    force: Force,
}

/// The targets of an operation.
struct Targets {
    /// The rate over HTTP as a share of that of the same statements by pgbench.
    own: Target,
    /// The rate over HTTP as a share of that in the bare schema.
    bare: Option<Target>,
    /// Postgres's processor time over HTTP as a multiple of that in the bare schema.
    processor: Option<Target>,
    /// The bytes of write-ahead log over HTTP, without images of whole pages.
    wal: Option<Target>,
}

const READS: Targets = Targets { own: at_least(0.4, Force::Fails), bare: None, processor: None, wal: None };
const WRITES: Targets = Targets {
    own: at_least(0.65, Force::Fails),
    bare: None,
    processor: Some(at_most(2.0, Force::Marks)),
    wal: Some(at_most(6_000.0, Force::Marks)),
};
const LIST20: Targets = Targets { bare: Some(at_least(0.6, Force::Marks)), ..READS };
/// Postgres finds a single row in less time than any server needs to receive a request.
const RETRIEVE: Targets =
    Targets { own: at_least(0.2, Force::Fails), bare: Some(at_least(0.45, Force::Marks)), ..READS };
const ENROLL: Targets = Targets { bare: Some(at_least(0.5, Force::Marks)), ..WRITES };
const REMOVE: Targets = Targets { bare: Some(at_least(0.35, Force::Marks)), ..WRITES };
/// The bytes of the indexes for an enrollment and its event.
const INDEX_BYTES: Target = at_most(450.0, Force::Marks);

const fn at_least(value: f64, force: Force) -> Target {
    Target { bound: Bound::AtLeast(value), force }
}

const fn at_most(value: f64, force: Force) -> Target {
    Target { bound: Bound::AtMost(value), force }
}

const fn targets(operation: Operation) -> Targets {
    match operation {
        Operation::List20 => LIST20,
        Operation::List100 => READS,
        Operation::Retrieve => RETRIEVE,
        Operation::Enroll => ENROLL,
        Operation::Remove => REMOVE,
    }
}

impl Target {
    const fn value(self) -> f64 {
        match self.bound {
            Bound::AtLeast(value) | Bound::AtMost(value) => value,
        }
    }

    fn holds(self, number: f64) -> bool {
        match self.bound {
            Bound::AtLeast(value) => number >= value,
            Bound::AtMost(value) => number <= value,
        }
    }
}

/// All results of a run.
pub struct Results {
    pub comparisons: Vec<Comparison>,
    pub index_bytes: IndexBytes,
    pub encodings: Vec<encodings::Cost>,
    /// The server's, in KiB.
    pub peak_memory: u64,
    /// The server's, in seconds.
    pub startup: f64,
}

/// Prints the tables. Returns whether all targets hold that fail the run.
pub fn print(results: &Results) -> bool {
    let mut verdicts = Verdicts { failed: 0 };
    rates(&results.comparisons, &mut verdicts);
    processor_time(&results.comparisons, &mut verdicts);
    write_ahead_log(&results.comparisons, &mut verdicts);
    index_bytes(results.index_bytes, &mut verdicts);
    let (megabytes, startup) = (results.peak_memory / 1024, results.startup);
    println!();
    println!("server        peak memory {megabytes} MiB, ready after {startup:.2} s");
    encodings::report(&results.encodings);
    verdicts.failed == 0
}

/// Counts the targets that fail the run.
struct Verdicts {
    failed: usize,
}

impl Verdicts {
    /// The number, the target and the verdict. `scale` is what both are multiplied by. Large numbers have no
    /// decimals.
    fn cells(&mut self, number: f64, target: Option<Target>, (scale, unit): (f64, &str)) -> String {
        let decimals = usize::from(scale > 1.0 || number < 100.0);
        let shown = format!("{:.decimals$}{unit}", number * scale);
        let Some(target) = target else { return format!("{shown:>10}{:>8}  {:<9}", "-", "") };
        let verdict = match (target.holds(number), target.force) {
            (true, _) => "holds",
            (false, Force::Marks) => "not met",
            (false, Force::Fails) => {
                self.failed += 1;
                "FAILS"
            }
        };
        let wanted = format!("{:.0}{unit}", target.value() * scale);
        format!("{shown:>10}{wanted:>8}  {verdict:<9}")
    }
}

/// A share, shown in percent.
const PERCENT: (f64, &str) = (100.0, "%");
const PLAIN: (f64, &str) = (1.0, "");

/// The ratios are medians of ratios, not ratios of medians: a temporary slowdown of the machine affects all
/// sides of a round.
fn rates(comparisons: &[Comparison], verdicts: &mut Verdicts) {
    println!(
        "{:<10}{:>9}{:>9}{:>9}{:>10}{:>8}{:11}{:>10}{:>8}",
        "rate/s", "http", "own", "bare", "http/own", "limit", "", "http/bare", "aim"
    );
    for comparison in comparisons {
        let targets = targets(comparison.operation);
        let own = comparison.median(|round| round.http.rate / round.own.rate);
        let bare = comparison.median(|round| round.http.rate / round.bare.rate);
        println!(
            "{:<10}{:>9.0}{:>9.0}{:>9.0}{}{}",
            comparison.operation.name(),
            comparison.median(|round| round.http.rate),
            comparison.median(|round| round.own.rate),
            comparison.median(|round| round.bare.rate),
            verdicts.cells(own, Some(targets.own), PERCENT),
            verdicts.cells(bare, targets.bare, PERCENT),
        );
    }
}

fn processor_time(comparisons: &[Comparison], verdicts: &mut Verdicts) {
    println!();
    println!(
        "{:<10}{:>9}{:>9}{:>9}{:>9}{:>10}{:>8}",
        "CPU ms", "server", "postgres", "own", "bare", "/ bare", "aim"
    );
    for comparison in comparisons {
        let ratio = comparison.median(|round| round.http.usage.postgres / round.bare.usage.postgres);
        println!(
            "{:<10}{:>9.3}{:>9.3}{:>9.3}{:>9.3}{}",
            comparison.operation.name(),
            comparison.median(|round| round.http.usage.server),
            comparison.median(|round| round.http.usage.postgres),
            comparison.median(|round| round.own.usage.postgres),
            comparison.median(|round| round.bare.usage.postgres),
            verdicts.cells(ratio, targets(comparison.operation).processor, PLAIN),
        );
    }
    println!("The columns after \"server\" are the time of Postgres; the ratio is postgres / bare.");
}

fn write_ahead_log(comparisons: &[Comparison], verdicts: &mut Verdicts) {
    println!();
    println!(
        "{:<10}{:>10}{:>8}{:11}{:>9}{:>9}{:>10}{:>9}{:>9}",
        "WAL bytes", "http", "aim", "", "own", "bare", "*http", "*own", "*bare"
    );
    for comparison in comparisons {
        let Some(Round { http, own, bare }) = &comparison.steady else { continue };
        println!(
            "{:<10}{}{:>9.0}{:>9.0}{:>10.0}{:>9.0}{:>9.0}",
            comparison.operation.name(),
            verdicts.cells(http.usage.wal_bytes, targets(comparison.operation).wal, PLAIN),
            own.usage.wal_bytes,
            bare.usage.wal_bytes,
            comparison.median(|round| round.http.usage.wal_bytes),
            comparison.median(|round| round.own.usage.wal_bytes),
            comparison.median(|round| round.bare.usage.wal_bytes),
        );
    }
    println!("* With images of whole pages, in the first seconds after a checkpoint.");
}

fn index_bytes(bytes: IndexBytes, verdicts: &mut Verdicts) {
    let IndexBytes { enrollment, event, bare } = bytes;
    println!();
    println!("{:<10}{:>12}{:>9}{:>9}{:>10}{:>8}", "indexes", "enrollment", "event", "bare", "bytes", "aim");
    println!(
        "{:<10}{enrollment:>12.0}{event:>9.0}{bare:>9.0}{}",
        "per row",
        verdicts.cells(enrollment + event, Some(INDEX_BYTES), PLAIN),
    );
}
