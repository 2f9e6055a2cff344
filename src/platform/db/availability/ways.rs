//! How the database is asked whether it is there, and whether it takes changes.

use std::io;
use std::time::Duration;

use futures::future::join_all;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, PgConnection};
use tokio::time::timeout;

use crate::platform::db::availability::Servers;
use crate::platform::db::pool::only_reads;
use crate::platform::db::tls;

/// A server that does not answer for so long is away. Together with the time between two questions, this is the
/// longest that anybody waits for such a server.
const PATIENCE: Duration = Duration::from_secs(1);
/// Before it is taken to be away behind a pooler, which may be busy. Together with the two others it is below
/// 2 seconds.
const PATIENCE_AGAIN: Duration = Duration::from_millis(500);
/// For what connects once, and may take its time.
const PATIENCE_AT_START: Duration = Duration::from_secs(3);

pub(super) fn silence() -> sqlx::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the database does not answer").into()
}

/// A connection to ask on, and which of the servers it leads to.
pub(super) struct Held {
    connection: PgConnection,
    pub(super) server: usize,
    /// Does it do without TLS, which is preferred and does not work there? When the program started, this server
    /// may not have been there to be asked ([`tls::settle`]).
    pub(super) is_plain: bool,
}

impl Held {
    /// How the same server is connected to by others.
    fn reached_by(&self, options: &PgConnectOptions) -> PgConnectOptions {
        let options = options.clone();
        if self.is_plain { options.ssl_mode(PgSslMode::Disable) } else { options }
    }
}

/// What a server says of itself.
pub(super) struct Told {
    pub(super) held: Held,
    pub(super) only_reads: bool,
    /// The same server past the pooler, where that was looked for.
    pub(super) direct: Option<PgConnectOptions>,
}

pub(super) enum Answer {
    Told(Box<Told>),
    /// There is somebody, who refuses a connection or has no time to answer on it.
    Untold,
}

fn told_by(told: Told) -> Answer {
    Answer::Told(Box::new(told))
}

/// How the database is asked.
pub(super) struct Ways {
    servers: Servers,
    /// As in [`Servers`], under a name of their own.
    ours: Vec<PgConnectOptions>,
    direct: Vec<PgConnectOptions>,
}

impl Ways {
    pub(super) fn to(servers: Servers) -> Self {
        let named = |options: &PgConnectOptions| {
            options.clone().application_name("groupdesk watch").disable_statement_logging()
        };
        let (ours, direct) =
            (servers.ours.iter().map(named).collect(), servers.direct.iter().map(named).collect());
        Self { servers, ours, direct }
    }

    /// How requests connect to the server that answered.
    pub(super) fn options(&self, held: &Held) -> Option<PgConnectOptions> {
        self.servers.ours.get(held.server).map(|options| held.reached_by(options))
    }

    /// Gets an answer: on this connection if there is one and its server takes changes, else on a new one.
    pub(super) async fn ask(&self, held: Option<Held>) -> Result<Answer, sqlx::Error> {
        if let Some(mut held) = held {
            match timeout(PATIENCE, only_reads(&mut held.connection)).await {
                Ok(Ok(false)) => return Ok(told_by(Told { held, only_reads: false, direct: None })),
                // It only reads, or the connection ended: perhaps with the database, perhaps by the hand of
                // somebody who ends connections.
                Ok(Ok(true) | Err(_)) => {}
                Err(_) if self.pooler_is_busy().await => return Ok(Answer::Untold),
                Err(_) => return Err(silence()),
            }
        }
        let answer = match asked(PATIENCE, &self.ours).await {
            Err(_) if self.pooler_is_busy().await => return Ok(Answer::Untold),
            answer => answer?,
        };
        // A pooler lets in whom it knows, also while there is no database behind it.
        let direct =
            if self.direct.is_empty() { Answer::Untold } else { asked(PATIENCE, &self.direct).await? };
        let direct = match direct {
            Answer::Told(told) => {
                self.servers.direct.get(told.held.server).map(|options| told.held.reached_by(options))
            }
            Answer::Untold => None,
        };
        Ok(match answer {
            Answer::Told(told) => told_by(Told { direct, ..*told }),
            Answer::Untold => Answer::Untold,
        })
    }

    /// Behind a pooler a question waits for its turn like any other: while the pooler lets one in and the
    /// database itself answers, nobody is lost.
    async fn pooler_is_busy(&self) -> bool {
        let Some(pooler) = self.ours.first().filter(|_| !self.direct.is_empty()) else { return false };
        let (ours, theirs) =
            tokio::join!(connected(PATIENCE_AGAIN, pooler), asked(PATIENCE_AGAIN, &self.direct));
        ours.is_ok() && theirs.is_ok()
    }
}

/// The best answer of these servers: one that takes changes, else one that reads, else a refusal.
async fn asked(patience: Duration, servers: &[PgConnectOptions]) -> Result<Answer, sqlx::Error> {
    let answers = servers.iter().enumerate().map(|(server, options)| answered(patience, options, server));
    let mut best = Err(silence());
    for answer in join_all(answers).await {
        let is_better = rank(&answer) > rank(&best) || (best.is_err() && answer.is_err());
        if is_better {
            best = answer;
        }
    }
    best
}

fn rank(answer: &Result<Answer, sqlx::Error>) -> u8 {
    match answer {
        Ok(Answer::Told(told)) if !told.only_reads => 3,
        Ok(Answer::Told(_)) => 2,
        Ok(Answer::Untold) => 1,
        Err(_) => 0,
    }
}

/// On a new connection.
async fn answered(
    patience: Duration,
    options: &PgConnectOptions,
    server: usize,
) -> Result<Answer, sqlx::Error> {
    let answer = async {
        let Some((mut connection, is_plain)) = connected(patience, options).await? else {
            return Ok(Answer::Untold);
        };
        let only_reads = only_reads(&mut connection).await?;
        Ok(told_by(Told { held: Held { connection, server, is_plain }, only_reads, direct: None }))
    };
    timeout(patience, answer).await.unwrap_or_else(|_| Err(silence()))
}

/// A new connection, and whether it does without TLS that is preferred and does not work. `None`: a refusal, which
/// is an answer too. That there is no place for one more connection says nothing to those who have one.
async fn connected(
    patience: Duration,
    options: &PgConnectOptions,
) -> Result<Option<(PgConnection, bool)>, sqlx::Error> {
    let connect = async {
        match options.connect().await {
            Err(error) if tls::may_do_without(options, &error) => {
                let plain = options.clone().ssl_mode(PgSslMode::Disable);
                plain.connect().await.map(|connection| (connection, true))
            }
            outcome => outcome.map(|connection| (connection, false)),
        }
    };
    match timeout(patience, connect).await {
        Ok(Ok(connection)) => Ok(Some(connection)),
        Ok(Err(error)) if is_answer(&error) => Ok(None),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(silence()),
    }
}

/// Which of these servers takes changes at the moment, for what connects once. Where none does: one that reads;
/// where none answers: the first.
pub async fn primary_of(servers: &[PgConnectOptions]) -> usize {
    if servers.len() < 2 {
        return 0;
    }
    match asked(PATIENCE_AT_START, servers).await {
        Ok(Answer::Told(told)) => told.held.server,
        Ok(Answer::Untold) | Err(_) => 0,
    }
}

/// Is there somebody who could do more than say that nothing can be done? Class 57P is a database that stops,
/// starts, or recovers.
fn is_answer(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| !code.starts_with("57P"))
}
