//! How an operation fails: with a refusal, which is data, or with a fault, which is logged and hidden from the outside.

use std::error::Error;
use std::sync::atomic::{AtomicU64, Ordering};

use super::db::errors::{has_code, is_unwritable, note_disk_space};
use crate::kernel::problem::Problem;

#[derive(Debug)]
pub enum Failure {
    Problem(Problem),
    /// The database is unavailable, full or read-only. The same request may succeed later.
    Unavailable(Box<dyn Error + Send + Sync>),
    /// Another transaction was in the way. Nothing was changed, and the same request may succeed at once.
    Conflict(Box<dyn Error + Send + Sync>),
    Fault(Box<dyn Error + Send + Sync>),
}

pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub fn fault(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Fault(error.into())
    }

    /// Did Postgres abort the transaction in favor of another one? After a lock timeout, a retry would wait again.
    pub fn is_retryable(&self) -> bool {
        let is_aborted = |error| has_code(error, &ABORTED);
        matches!(self, Self::Conflict(error) if error.downcast_ref().is_some_and(is_aborted))
    }

    /// Whether a read that failed like this on a standby is repeated on the primary. One that took too long would take as
    /// long again.
    pub fn may_succeed_elsewhere(&self) -> bool {
        !matches!(self, Self::Conflict(_)) || self.is_retryable()
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
        if has_code(&error, &ABORTED) || has_code(&error, &TIMED_OUT) {
            Self::Conflict(error.into())
        } else if is_transient(&error) {
            Self::Unavailable(error.into())
        } else {
            Self::Fault(error.into())
        }
    }
}

/// Serialization failure and deadlock. The rest of class 40 includes transactions that may have been committed.
const ABORTED: [&str; 2] = ["40001", "40P01"];
/// A lock timeout, and a statement timeout, which is usually also a wait for a lock.
const TIMED_OUT: [&str; 2] = ["55P03", "57014"];

/// SQLSTATEs, or their classes, after which the same statement may succeed later:
///
/// - 08 connection, 53 resources, 57P operator intervention, 58 the system below Postgres
/// - 28 and 3D000, which only end an attempt to connect: the login or the database does not exist at the moment, for
///   example while a restored database replaces another
/// - 40 rollback; 25P03 and 25P04, timeouts of a transaction
/// - 25006 a change on a read-only server, and 55000 what a server cannot do before it is promoted
const TRANSIENT: [&str; 11] =
    ["08", "28", "3D000", "53", "57P", "58", "40", "25P03", "25P04", READ_ONLY, "55000"];

/// `read_only_sql_transaction`: a change on a standby, or on a server whose transactions are read-only by default.
const READ_ONLY: &str = "25006";

/// sqlx's error if a connection is closed before the server has answered whether it uses TLS. A proxy that knows no server
/// at the moment does this, such as `HAProxy` during a failover.
const NO_TLS_ANSWER: &str = "unexpected response from SSLRequest: 0x00";

fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        // The connection is refused until someone creates the login.
        | sqlx::Error::Configuration(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Protocol(text) => text.starts_with(NO_TLS_ANSWER),
        sqlx::Error::Database(_) => is_unwritable(error) || has_code(error, &TRANSIENT),
        _ => false,
    }
}

/// The number of changes that read-only servers refused. One counter per process is enough: an error does not name its
/// pool, and a spurious increment only causes a look at more servers.
static REFUSED_CHANGES: AtomicU64 = AtomicU64::new(0);

/// Notes that a server is read-only or out of space. Every conversion to a [`Failure`] calls this.
pub fn note(error: &sqlx::Error) {
    note_disk_space(error);
    if has_code(error, &[READ_ONLY]) {
        note_refused_change();
    }
}

pub fn note_refused_change() {
    REFUSED_CHANGES.fetch_add(1, Ordering::Relaxed);
}

pub fn refused_changes() -> u64 {
    REFUSED_CHANGES.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::fmt;

    use sqlx::error::{DatabaseError, ErrorKind};
    use sqlx::{Connection as _, PgConnection};
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[derive(Debug)]
    struct Refusal(&'static str);

    impl fmt::Display for Refusal {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl Error for Refusal {}

    impl DatabaseError for Refusal {
        fn message(&self) -> &str {
            self.0
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }

        fn as_error(&self) -> &(dyn Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    #[test]
    fn classes_of_codes_decide_whether_a_statement_may_succeed_later() {
        let failure = |code| Failure::from(sqlx::Error::Database(Box::new(Refusal(code))));
        for code in ["08006", "28P01", "3D000", "53300", "57P01", "58000", "40003", "25P03", "25006", "55000"]
        {
            assert!(matches!(failure(code), Failure::Unavailable(_)), "{code}");
        }
        for code in ["40001", "40P01", "55P03", "57014"] {
            assert!(matches!(failure(code), Failure::Conflict(_)), "{code}");
        }
        for code in ["23505", "42P01", "25001", "XX000"] {
            assert!(matches!(failure(code), Failure::Fault(_)), "{code}");
        }
    }

    /// With the real error, because its text is sqlx's.
    #[tokio::test]
    async fn connection_that_a_proxy_closes_is_an_outage() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let proxy = tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.unwrap();
            // The request is read, because unread data would reset the connection.
            connection.read_exact(&mut [0; 8]).await.unwrap();
        });
        let url = format!("postgres://ana@127.0.0.1:{port}/desk?sslmode=prefer");
        let error = PgConnection::connect(&url).await.unwrap_err();
        assert!(matches!(error, sqlx::Error::Protocol(_)), "{error}");
        assert!(matches!(Failure::from(error), Failure::Unavailable(_)));
        proxy.await.unwrap();
    }
}
