//! Recovery from faults: the program runs under load on a Postgres of its own while a part fails. There is
//! one file for each fault, and each test ends with the check of `check.rs`. The tests are slow and
//! sensitive to delays, so `script/faults` runs them one after the other.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails at the first unexpected value")]

mod ack_log;
mod check;
mod client;
#[expect(dead_code, reason = "the integration tests use the rest")]
#[path = "../support/cluster.rs"]
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
mod load;
mod load_balancer;
mod network;
mod network_lost;
#[path = "../support/owned.rs"]
mod owned;
mod page;
mod patroni;
#[path = "../support/processes.rs"]
mod processes;
#[path = "../support/program.rs"]
mod program;
mod report;
mod root_command;
mod server_killed;
mod site;
mod two_versions;
