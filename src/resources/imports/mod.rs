//! Imports: long lists that are enrolled in one group or removed from it, in batches and with progress.
//!
//! - A list is pasted text or a CSV file of at most 100,000 lines in 20 MiB. Each entry that could name a workspace, by id
//!   or by external id, is a **line**; so is an unreadable entry. Files from spreadsheets, people and groupdesk itself are
//!   accepted: with a byte-order mark, a line such as `sep=;`, guards against formulas, as the result of an earlier import,
//!   as an export in CSV or NDJSON.
//! - A list is **received**, invisible until it is complete, and then **prepared**: its preview is computed at every view.
//!   It can be discarded, and is deleted if it is not started within a week.
//! - A **started** import is queued and then running until it is finished. Each line gets exactly one outcome, and no line
//!   affects another. **Cancelling** takes effect after the current batch; the remaining lines have no outcome.
//! - The **mode** of an import says what happens to its list: it is enrolled, or removed, or the group becomes exactly the
//!   list. For the last, the workspaces that are in the group and not on the list are appended as lines at the start. What
//!   others enroll after the start is not removed. Many removals need a confirmation, and a list that names no workspace
//!   does not empty a group (`rules/removals.rs`).
//! - An import acts for its owner, who started it, with the source `import` and all rules of `enrollments`. If the owner is
//!   deleted, the import is cancelled: like their tokens it must not continue without a person.
//!
//! A batch is one transaction of enrollments, events, outcomes and counters, so after a crash the import continues from the
//! end of a batch. A batch begins by locking the import's row (`SKIP LOCKED`), so only one process at a time runs a batch of
//! it. The lock ends with the process: Postgres sees the connection close, and ends the transaction of a vanished machine
//! after ten idle seconds. Leases with heartbeats would need synchronized clocks, and a wait for their expiry. The import
//! that has waited longest gets the next batch, so that a short import does not wait for the end of a long one.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
pub mod rules;
#[cfg(feature = "ssr")]
mod store;
#[cfg(feature = "ssr")]
pub mod worker;
