//! Probes whether the servers of the database answer and accept changes.

use std::io;
use std::time::Duration;

use futures::future::join_all;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, PgConnection};
use tokio::time::timeout;

use crate::platform::db::pool::is_read_only;
use crate::platform::db::tls;
use crate::platform::failure::code;

/// A server that does not answer within this time is unavailable. With the interval between two probes, this is the
/// longest that a request waits for such a server.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);
/// The second chance behind a pooler, which may be busy. All three together stay below 2 seconds.
const POOLER_TIMEOUT: Duration = Duration::from_millis(500);
/// For a command that connects once and may take its time.
const STARTUP_TIMEOUT: Duration = Duration::from_secs(3);

/// The servers of the database, of which one at a time accepts changes.
pub struct Servers {
    /// How requests connect: at least one server.
    pub ours: Vec<PgConnectOptions>,
    /// The same servers past the pooler. Empty without a pooler.
    pub direct: Vec<PgConnectOptions>,
}

pub(super) fn no_answer() -> sqlx::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the database does not answer").into()
}

pub(super) struct ProbeConnection {
    connection: PgConnection,
    pub(super) server: usize,
    /// Whether it does without TLS, which is preferred and does not work there. The server may not have been available
    /// when the program started and called [`tls::resolve`].
    pub(super) is_plain: bool,
}

impl ProbeConnection {
    /// How others connect to the same server.
    pub(super) fn options(&self, servers: &[PgConnectOptions]) -> Option<PgConnectOptions> {
        let options = servers.get(self.server)?.clone();
        Some(if self.is_plain { options.ssl_mode(PgSslMode::Disable) } else { options })
    }
}

pub(super) struct Answer {
    pub(super) connection: ProbeConnection,
    pub(super) is_read_only: bool,
    /// The same server past the pooler, if it was probed.
    pub(super) direct: Option<PgConnectOptions>,
}

/// `None`: a server answers, but refuses a connection or has no time for it.
type Probed = sqlx::Result<Option<Answer>>;

impl Servers {
    pub(super) async fn probe(&self, connection: Option<ProbeConnection>) -> Probed {
        if let Some(mut connection) = connection {
            match timeout(ANSWER_TIMEOUT, is_read_only(&mut connection.connection)).await {
                Ok(Ok(false)) => return Ok(Some(Answer { connection, is_read_only: false, direct: None })),
                // The server is read-only, or the connection ended: with the database, or because someone ended it.
                Ok(_) => {}
                Err(_) if self.pooler_is_busy().await => return Ok(None),
                Err(_) => return Err(no_answer()),
            }
        }
        let answer = match probe_all(ANSWER_TIMEOUT, &self.ours).await {
            Err(_) if self.pooler_is_busy().await => return Ok(None),
            answer => answer?,
        };
        // A pooler accepts its known clients even if the database behind it is unavailable.
        let direct =
            if self.direct.is_empty() { None } else { probe_all(ANSWER_TIMEOUT, &self.direct).await? };
        let direct = direct.and_then(|direct| direct.connection.options(&self.direct));
        Ok(answer.map(|answer| Answer { direct, ..answer }))
    }

    /// Behind a pooler the probe waits for its turn like any other client. The database is available as long as the
    /// pooler accepts a connection and the database itself answers.
    async fn pooler_is_busy(&self) -> bool {
        let Some(pooler) = self.ours.first().filter(|_| !self.direct.is_empty()) else { return false };
        let pooler = within(POOLER_TIMEOUT, connect(pooler));
        let (pooler, database) = tokio::join!(pooler, probe_all(POOLER_TIMEOUT, &self.direct));
        pooler.is_ok() && database.is_ok()
    }
}

/// The best answer of these servers: one that accepts changes, else a read-only one, else a refusal.
async fn probe_all(limit: Duration, servers: &[PgConnectOptions]) -> Probed {
    let rank = |answer: &Probed| {
        answer.as_ref().ok().map(|answer| answer.as_ref().map(|answer| !answer.is_read_only))
    };
    let answers = servers.iter().enumerate();
    let answers = join_all(answers.map(|(server, options)| within(limit, probe_one(options, server)))).await;
    let better =
        |best: Probed, next: Probed| if best.is_err() || rank(&next) > rank(&best) { next } else { best };
    answers.into_iter().reduce(better).unwrap_or_else(|| Err(no_answer()))
}

async fn within<T>(limit: Duration, answer: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    timeout(limit, answer).await.unwrap_or_else(|_| Err(no_answer()))
}

async fn probe_one(options: &PgConnectOptions, server: usize) -> Probed {
    let Some((mut connection, is_plain)) = connect(options).await? else { return Ok(None) };
    let is_read_only = is_read_only(&mut connection).await?;
    let connection = ProbeConnection { connection, server, is_plain };
    Ok(Some(Answer { connection, is_read_only, direct: None }))
}

/// A new connection, and whether it does without TLS that is preferred and does not work. `None`: a running server has
/// refused it, which is an answer too; SQLSTATE class 57P is a server that stops, starts or recovers.
async fn connect(options: &PgConnectOptions) -> sqlx::Result<Option<(PgConnection, bool)>> {
    let options = options.clone().application_name("groupdesk watch").disable_statement_logging();
    let mut connected = options.connect().await;
    let is_plain = connected.as_ref().is_err_and(|error| tls::may_do_without(&options, error));
    if is_plain {
        connected = options.ssl_mode(PgSslMode::Disable).connect().await;
    }
    match connected {
        Err(error) if code(&error).is_some_and(|code| !code.starts_with("57P")) => Ok(None),
        connected => connected.map(|connection| Some((connection, is_plain))),
    }
}

/// The index of the server that accepts changes at the moment. If none does: a read-only one; if none answers: the
/// first.
pub async fn primary_of(servers: &[PgConnectOptions]) -> usize {
    if servers.len() < 2 {
        return 0;
    }
    let answer = probe_all(STARTUP_TIMEOUT, servers).await.ok().flatten();
    answer.map_or(0, |answer| answer.connection.server)
}
