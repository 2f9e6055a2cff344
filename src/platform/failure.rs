//! How an operation ends when it does not succeed: a refusal, which is data for the caller, or a
//! fault, which is a line in the log and nothing to the outside.

use std::error::Error;

use crate::kernel::problem::Problem;

#[derive(Debug)]
pub enum Failure {
    Problem(Problem),
    /// The database is away or full; the same request may succeed in a moment.
    Unavailable(Box<dyn Error + Send + Sync>),
    Fault(Box<dyn Error + Send + Sync>),
}

pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub fn fault(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Fault(error.into())
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        if is_passing(&error) { Self::Unavailable(error.into()) } else { Self::Fault(error.into()) }
    }
}

/// Would the same statement succeed once the database is back, or less busy? By SQLSTATE class:
/// 08 connection, 53 resources, 57P operator intervention, 40 rolled back, 55P03 lock timeout, 57014
/// statement timeout.
fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(database) => database.code().is_some_and(|code| {
            ["08", "53", "57P", "57014", "40", "55P03"].iter().any(|class| code.starts_with(class))
        }),
        _ => false,
    }
}
