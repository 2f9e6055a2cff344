//! How an operation ends when it does not succeed: a refusal, which is data for the caller, or a
//! fault, which is a line in the log and nothing to the outside.

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};

use super::db::room;
use crate::kernel::problem::Problem;

#[derive(Debug)]
pub enum Failure {
    Problem(Problem),
    /// The database is away, full or read-only; the same request may succeed in a moment.
    Unavailable(Box<dyn Error + Send + Sync>),
    /// The database is there, and others were in the way: they held what this needed, or what it did
    /// together with them could not be. Nothing was changed; the same request may succeed at once.
    Conflict(Box<dyn Error + Send + Sync>),
    Fault(Box<dyn Error + Send + Sync>),
}

pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub fn fault(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Fault(error.into())
    }

    /// Did Postgres break the transaction off, so that another one may go on? Then whoever stood in its way
    /// is through, or soon will be. (Who waited for as long as one may has nothing to gain from another wait.)
    pub fn is_rolled_back(&self) -> bool {
        match self {
            Self::Conflict(error) => {
                error.downcast_ref().and_then(code).is_some_and(|code| ROLLED_BACK.contains(&&*code))
            }
            Self::Problem(_) | Self::Unavailable(_) | Self::Fault(_) => false,
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        note(&error);
        if is_contended(&error) {
            Self::Conflict(error.into())
        } else if is_passing(&error) {
            Self::Unavailable(error.into())
        } else {
            Self::Fault(error.into())
        }
    }
}

/// Two transactions that cannot both be, two that wait for each other. (Of the rest of class 40 one says that
/// nobody knows whether the transaction was committed: that is not to be done again.)
const ROLLED_BACK: [&str; 2] = ["40001", "40P01"];
/// A wait for a lock that took too long, and a statement that did, most of which was such a wait.
const TOO_LONG: [&str; 2] = ["55P03", "57014"];

fn code(error: &sqlx::Error) -> Option<std::borrow::Cow<'_, str>> {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code)
}

fn is_contended(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| ROLLED_BACK.contains(&&*code) || TOO_LONG.contains(&&*code))
}

/// Would the same statement succeed once the database is back? By SQLSTATE, or by its class:
///
/// - 08 connection, 53 resources, 57P operator intervention, 58 the system below Postgres
/// - 28 and 3D000, which only end an attempt to connect: the login or the database is not there at the moment,
///   as while a restored database takes the place of another
/// - 40 rolled back; 25P03 and 25P04, a transaction that took so long that it was ended
/// - 25006 a change on a server that only reads, and 55000 what a server cannot do before it is promoted
const PASSING: [&str; 11] =
    ["08", "28", "3D000", "53", "57P", "58", "40", "25P03", "25P04", READ_ONLY, "55000"];

/// `read_only_sql_transaction`: what a standby answers to a change, and any server whose transactions are
/// read-only by default.
const READ_ONLY: &str = "25006";

fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        // Of the connection: it is refused until somebody sets the login up.
        | sqlx::Error::Configuration(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(database) => {
            room::is_unwritable(error)
                || database.code().is_some_and(|code| PASSING.iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}

/// How many changes were refused by servers that only read. One number for the process: an error does not know
/// which pool it is from, and the reader only looks at more servers than it had to.
static REFUSED_CHANGES: AtomicU64 = AtomicU64::new(0);

/// Looks whether the error says that the server only reads, or has no room. Every [`Failure`] is looked at by
/// itself.
pub(in crate::platform) fn note(error: &sqlx::Error) {
    room::note(error);
    if code(error).is_some_and(|code| code == READ_ONLY) {
        note_refused_change();
    }
}

/// For whoever learns otherwise that a connection leads to a server that only reads.
pub fn note_refused_change() {
    REFUSED_CHANGES.fetch_add(1, Ordering::Relaxed);
}

/// Another number than before: a change was refused meanwhile.
pub fn refused_changes() -> u64 {
    REFUSED_CHANGES.load(Ordering::Relaxed)
}
