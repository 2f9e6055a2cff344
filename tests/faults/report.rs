//! How long it took: a line for each fault, on standard output and in the table that script/faults shows.

use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::ledger::Ledger;

/// What is promised: after so long the service is back by itself.
pub const BACK_WITHIN: Duration = Duration::from_secs(10);
/// What is promised: while the database is away, an answer comes within this time.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// One time that a fault was over: from when on things could be well, and until when that was looked at.
#[derive(Debug, Clone, Copy)]
pub struct Over {
    pub at: Instant,
    pub until: Instant,
}

/// Holds the ledger to the promise, and tells the worst of all times.
pub fn recovered(fault: &str, ledger: &Ledger, times: &[Over]) {
    let back = times.iter().map(|over| ledger.back_after(over.at).expect("it came back"));
    let calm = times.iter().map(|over| ledger.calm_after(over.at, over.until));
    let (back, calm) = (back.max().unwrap_or_default(), calm.max().unwrap_or_default());
    line(&[
        fault,
        &ledger.acknowledged().to_string(),
        &ledger.unknown().to_string(),
        &seconds(ledger.longest()),
        &seconds(back),
        &seconds(calm),
    ]);
    assert!(back <= BACK_WITHIN, "{fault}: back after {back:?}");
    assert!(calm <= BACK_WITHIN, "{fault}: the last failure {calm:?} after it was over");
    assert!(ledger.acknowledged() > 100, "{fault}: there was no load");
}

/// For what has no load of requests: how long until it went on.
pub fn went_on(fault: &str, after: Duration) {
    line(&[fault, "", "", "", &seconds(after), ""]);
    assert!(after <= BACK_WITHIN, "{fault}: {after:?}");
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn line(cells: &[&str]) {
    let line = cells.join("\t");
    println!("{line}");
    let Some(table) = std::env::var_os("GROUPDESK_FAULTS_TABLE") else { return };
    let mut table = std::fs::File::options().create(true).append(true).open(table).unwrap();
    writeln!(table, "{line}").unwrap();
}
