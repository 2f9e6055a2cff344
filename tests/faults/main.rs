//! What is there after the worst: the program itself, on a Postgres of the test's own, under load, while
//! something is taken from it. One file a fault; each ends with the same question, which `check.rs` asks.
//! They take their time and hear of every delay, so script/faults runs them, one after the other.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test ends where something is not as it should be"
)]

mod check;
mod client;
mod cluster;
mod connections_taken;
mod database_killed;
mod database_slow;
#[path = "../support/documents.rs"]
mod documents;
mod failover;
#[path = "../support/invariants.rs"]
mod invariants;
mod jobs;
mod ledger;
mod load;
mod network;
mod network_lost;
#[path = "../support/owned.rs"]
mod owned;
mod page;
#[path = "../support/processes.rs"]
mod processes;
#[path = "../support/program.rs"]
mod program;
mod report;
mod root_command;
mod server_killed;
mod site;
mod two_versions;
