//! Reports recovery times: a line for each fault, on standard output and in the table of `script/faults`.

use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::ack_log::AckLog;

/// The promised time until the service recovers by itself.
pub const RECOVERY_LIMIT: Duration = Duration::from_secs(10);
/// The promised time of responses while the database is unavailable.
pub const RESPONSE_LIMIT: Duration = Duration::from_secs(2);

/// The end of a fault, and the time until which requests count for it.
#[derive(Debug, Clone, Copy)]
pub struct Recovery {
    pub at: Instant,
    pub until: Instant,
}

/// Asserts the promised times, and reports the worst of all recoveries.
pub fn assert_recovered(fault: &str, ack_log: &AckLog, times: &[Recovery]) {
    assert_recovered_within(RECOVERY_LIMIT, fault, ack_log, times);
}

/// Like [`assert_recovered`], if the service cannot recover before something else has.
pub fn assert_recovered_within(limit: Duration, fault: &str, ack_log: &AckLog, times: &[Recovery]) {
    let back =
        times.iter().map(|over| ack_log.first_success_after(over.at).expect("a success after the fault"));
    let calm = times.iter().map(|over| ack_log.last_failure_after(over.at, over.until));
    let (back, calm) = (back.max().unwrap_or_default(), calm.max().unwrap_or_default());
    line(&[
        fault,
        &ack_log.acknowledged().to_string(),
        &ack_log.unknown().to_string(),
        &seconds(ack_log.longest()),
        &seconds(back),
        &seconds(calm),
    ]);
    assert!(back <= limit, "{fault}: back after {back:?}");
    assert!(calm <= limit, "{fault}: the last failure is {calm:?} after the fault");
    assert!(ack_log.acknowledged() > 100, "{fault}: there was no load");
}

/// For faults without request load: asserts and reports the time until work continues.
pub fn assert_resumed(fault: &str, after: Duration) {
    line(&[fault, "", "", "", &seconds(after), ""]);
    assert!(after <= RECOVERY_LIMIT, "{fault}: {after:?}");
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
