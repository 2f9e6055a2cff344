//! Imports: long lists that are enrolled in one group, in batches, with progress.
//!
//! - A list is pasted text or a CSV file. Each thing in it that could name a workspace, by id or by
//!   external id, is a **line** with the number of the line it stands on; what cannot be read is a line
//!   too. Nothing is dropped in silence but blanks, separators and quotes. Up to 100,000 lines in 20 MiB;
//!   a longer list is refused as a whole.
//!   Files are taken as spreadsheets, people and the product itself make them: with a byte-order mark, with a
//!   line such as `sep=;`, with guards against formulas, as the result of an earlier import, as an export in CSV
//!   or NDJSON.
//! - A list is **received** (unseen by all until it is whole), then **prepared**: what it would do is
//!   worked out from the rows of this moment each time somebody looks, and is not kept. It can be
//!   discarded, and is forgotten if it is not started within a week.
//! - **Started**, it is queued and then running until it is finished. Each line comes to exactly one
//!   outcome: enrolled; already in the group; unknown (no such workspace, or a removed one); a duplicate
//!   of an earlier line that named the same workspace, by either id; unreadable; or, where the group
//!   was removed meanwhile, that. One line never spoils another.
//! - **Cancelling** takes effect after the batch that runs; lines that were not reached have no outcome.
//! - It acts for who started it: `created_by` of each enrollment, and the actor of each event, whose
//!   source is `import`. If that person is deleted meanwhile, it ends as cancelled: like a token of
//!   theirs it must not turn into a flow of nobody's.
//! - All rules of enrolling are those of `enrollments`, through `enrollment_enroll_each`.
//!
//! # Who runs it, and what a crash leaves
//!
//! A batch is one transaction: enrollments, events, outcomes of the lines, counters. So after the end of a
//! process at any moment, the import stands at the end of a batch, and goes on from there: nothing is done
//! twice and nothing is left out.
//!
//! Any number of processes look for work. A batch begins with locking the import's row (`SKIP LOCKED`), so
//! one process at a time runs a batch of it, and the lock ends with the process: Postgres sees the
//! connection close and the next look, a quarter of a second later, finds the import free. A lease with
//! heartbeats would need clocks that agree, and would wait for its end. If a machine vanishes without a
//! word, Postgres ends its idle transaction after ten seconds (`idle_in_transaction_session_timeout`).
//! Of several imports the one that has waited longest has the next batch, so a short one does not wait
//! for the end of a long one.

pub mod model;

#[cfg(feature = "ssr")]
pub mod ops;
#[cfg(feature = "ssr")]
pub mod rules;
#[cfg(feature = "ssr")]
mod store;
#[cfg(feature = "ssr")]
pub mod worker;
