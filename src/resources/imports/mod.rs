//! Imports: long lists that are enrolled in one group, in batches and with progress.
//!
//! - A list is pasted text or a CSV file. Each entry that could name a workspace, by id or by external id, is a **line**
//!   with its line number in the file; an unreadable entry is a line too. Only blanks, separators and quotes are dropped.
//!   A list has at most 100,000 lines in 20 MiB; a longer one is refused as a whole.
//!   Files from spreadsheets, people and groupdesk itself are accepted: with a byte-order mark, a line such as `sep=;`,
//!   guards against formulas, as the result of an earlier import, as an export in CSV or NDJSON.
//! - A list is **received**, invisible until it is complete, and then **prepared**: its preview is computed from the
//!   current rows at every view and not stored. It can be discarded, and is deleted if it is not started within a week.
//! - A **started** import is queued and then running until it is finished. Each line gets exactly one outcome: enrolled;
//!   already in the group; unknown (no live workspace); a duplicate of an earlier line for the same workspace, by either
//!   id; unreadable; or group removed. No line affects another.
//! - **Cancelling** takes effect after the current batch; the remaining lines have no outcome.
//! - An import acts for its owner, who started it: they are `created_by` of each enrollment and the actor of each event,
//!   with the source `import`. If they are deleted, the import is cancelled: like their tokens it must not become a
//!   system flow.
//! - All rules of enrolling are those of `enrollments`, through `enrollment_enroll_each`.
//!
//! # Workers and crashes
//!
//! A batch is one transaction of enrollments, events, outcomes and counters. After a crash at any moment the import is at
//! the end of a batch and continues from there: no line is processed twice or skipped.
//!
//! Any number of processes look for work. A batch begins by locking the import's row (`SKIP LOCKED`), so only one process
//! at a time runs a batch of it. The lock ends with the process: Postgres sees the connection close, and within a quarter
//! of a second another worker continues. Leases with heartbeats would need synchronized clocks, and a wait for their
//! expiry. If a machine vanishes without closing the connection, Postgres ends its idle transaction after ten seconds
//! (`idle_in_transaction_session_timeout`). The import that has waited longest gets the next batch, so that a short import
//! does not wait for the end of a long one.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
pub mod rules;
#[cfg(feature = "ssr")]
mod store;
#[cfg(feature = "ssr")]
pub mod worker;
