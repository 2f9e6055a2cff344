//! Whether the database is within reach, and what becomes of those who wait for it when it is not.
//!
//! A database that has stopped says so: its connections end. One that the network has lost says nothing.
//! What is sent to it vanishes, and who waits for its answer waits for as long as the system goes on sending,
//! which is a quarter of an hour. A limit for each statement is no way out of that: some may take long. So
//! one connection asks several times a second for nothing but an answer. When none comes, all who wait are
//! told at once, and the pool is left behind with all that hangs on it: it would give the place of a hanging
//! connection to nobody else before that connection has answered.

use std::cell::Cell;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection as _, PgConnection, PgPool, Postgres, Transaction};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::pool::ACQUIRE_TIMEOUT;
use crate::platform::failure::{Failure, Outcome};

/// How often the database is asked.
const BEAT: Duration = Duration::from_millis(250);
/// One that does not answer for so long is away. With [`BEAT`], what anybody waits for such a one at most.
const PATIENCE: Duration = Duration::from_secs(1);
/// Before it is taken to be away behind a pooler, which may be busy. All three together are below 2 seconds.
const PATIENCE_AGAIN: Duration = Duration::from_millis(500);
/// How long to wait at the end for connections that are still in use.
const CLOSING: Duration = Duration::from_secs(5);
/// Whoever has waited for as long as they may still gets a connection that is there to be had.
const LEAST: Duration = Duration::from_millis(50);

/// For the database, what to make of us when it is we who are lost: a transaction that nothing is done in
/// any more ends, and with it the locks that others wait for; a connection that carries nothing is closed, so
/// that those of a lost network do not add up.
pub(super) const WHEN_WE_ARE_LOST: [(&str, &str); 5] = [
    ("idle_in_transaction_session_timeout", "5s"),
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "30s"),
];

tokio::task_local! {
    /// How much longer the request at hand may wait for connections, all its waits together: one that waits
    /// twice is to be answered as soon as one that waits once.
    static LEFT: Cell<Duration>;
}

/// The connections that requests share.
#[derive(Clone)]
pub struct Connections(Arc<Shared>);

struct Shared {
    pool: RwLock<PgPool>,
    standing: watch::Sender<Standing>,
}

/// How things stand with the database.
#[derive(Clone, Copy)]
struct Standing {
    is_there: bool,
    /// How often it was lost: who is not asked between a loss and the end of it still learns of both.
    losses: u64,
}

impl Connections {
    /// Of a database that is taken to be there until [`Self::watch`] finds out otherwise.
    pub fn of(pool: PgPool) -> Self {
        Self(Arc::new(Shared {
            pool: RwLock::new(pool),
            standing: watch::Sender::new(Standing { is_there: true, losses: 0 }),
        }))
    }

    /// The pool of the moment.
    pub fn current(&self) -> PgPool {
        self.0.pool.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub async fn acquire(&self) -> Result<PoolConnection<Postgres>, sqlx::Error> {
        let acquire = self.current().acquire();
        let Ok(left) = LEFT.try_with(Cell::get) else { return acquire.await };
        let started = Instant::now();
        let acquired = timeout(left.max(LEAST), acquire).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        // A page is made by tasks of its own, too: one that began to wait in the request may end outside of it.
        let _ = LEFT.try_with(|left| left.set(left.get().saturating_sub(started.elapsed())));
        acquired
    }

    pub async fn begin(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        Transaction::begin(self.acquire().await?, None).await
    }

    /// Waits until the database is away, or was away since it had been lost so many times.
    async fn lost(&self, losses: u64) {
        // Never an error: the sender is ours.
        let _ = self.0.standing.subscribe().wait_for(|now| !now.is_there || now.losses != losses).await;
    }

    /// Waits until it is there.
    async fn back(&self) {
        let _ = self.0.standing.subscribe().wait_for(|now| now.is_there).await;
    }

    /// Does this, if the database stays where it is.
    ///
    /// # Errors
    /// `Unavailable` as soon as the database is away: then the work was dropped where it stood.
    pub async fn within_reach<T>(&self, work: impl Future<Output = T>) -> Outcome<T> {
        let losses = self.0.standing.borrow().losses;
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = self.lost(losses) => Err(Failure::Unavailable(silence().into())),
        }
    }

    /// The same for a request, which has a limit for all its waits for connections.
    ///
    /// # Errors
    /// As [`Self::within_reach`].
    pub async fn for_request<T>(&self, work: impl Future<Output = T>) -> Outcome<T> {
        self.within_reach(LEFT.scope(Cell::new(ACQUIRE_TIMEOUT), work)).await
    }

    /// Does this while the database is there, and begins anew when it is back: what waited for an answer of
    /// the database that was lost would wait on.
    pub async fn attend<F: Future>(&self, mut work: impl FnMut(PgPool) -> F) -> F::Output {
        loop {
            self.back().await;
            if let Ok(done) = self.within_reach(work(self.current())).await {
                return done;
            }
        }
    }

    /// As [`Self::attend`], until told to rest. Work that is under way has been told too, and ends by itself;
    /// while the database is away there is none.
    pub async fn attend_until<F: Future>(
        &self,
        mut resting: watch::Receiver<bool>,
        work: impl FnMut(PgPool) -> F,
    ) {
        let told = async {
            // An error: who could tell is gone.
            let _ = resting.wait_for(|rests| *rests).await;
            let losses = self.0.standing.borrow().losses;
            self.lost(losses).await;
        };
        tokio::select! {
            _ = self.attend(work) => {}
            () = told => {}
        }
    }

    /// Asks whether the database is there, again and again, until it is dropped. `direct`: where requests get
    /// at it by way of a pooler, the same database past that.
    pub async fn watch(self, direct: Option<PgConnectOptions>) {
        let named = |options: PgConnectOptions| {
            options.application_name("groupdesk watch").disable_statement_logging()
        };
        let ways = Ways {
            ours: named(self.current().connect_options().as_ref().clone()),
            direct: direct.map(named),
        };
        let mut held = None;
        loop {
            match ways.ask(held.take()).await {
                Ok(connection) => {
                    held = connection;
                    self.found();
                }
                Err(error) => self.lose(&error),
            }
            sleep(BEAT).await;
        }
    }

    fn found(&self) {
        if self.0.standing.send_if_modified(|now| !std::mem::replace(&mut now.is_there, true)) {
            tracing::info!("the database is back");
        }
    }

    fn lose(&self, error: &sqlx::Error) {
        if !self.0.standing.borrow().is_there {
            return;
        }
        tracing::warn!(%error, "the database is away");
        let pool = self.current();
        let fresh = pool.options().clone().connect_lazy_with(pool.connect_options().as_ref().clone());
        // Not closed: that would wait for what hangs. It ends with the last who holds a connection of it.
        *self.0.pool.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        self.0.standing.send_modify(|now| *now = Standing { is_there: false, losses: now.losses + 1 });
    }

    /// Closes what is not in use, and waits a moment for what is.
    pub async fn close(&self) {
        if timeout(CLOSING, self.current().close()).await.is_err() {
            tracing::warn!("connections to the database were still in use at the end");
        }
    }
}

fn silence() -> sqlx::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the database does not answer").into()
}

/// How the database is asked.
struct Ways {
    /// As requests get at it.
    ours: PgConnectOptions,
    /// Past the pooler, if there is one.
    direct: Option<PgConnectOptions>,
}

impl Ways {
    /// Gets an answer, on this connection if there is one; the connection to ask on next time.
    async fn ask(&self, held: Option<PgConnection>) -> Result<Option<PgConnection>, sqlx::Error> {
        if let Some(mut held) = held {
            match timeout(PATIENCE, held.ping()).await {
                Ok(Ok(())) => return Ok(Some(held)),
                // It ended: perhaps with the database, perhaps by the hand of somebody who ends connections.
                Ok(Err(_)) => {}
                Err(_) if self.pooler_is_busy().await => return Ok(None),
                Err(_) => return Err(silence()),
            }
        }
        let connected = answered(PATIENCE, &self.ours).await?;
        // A pooler lets in whom it knows, also while there is no database behind it.
        if let Some(direct) = &self.direct {
            answered(PATIENCE, direct).await?;
        }
        Ok(connected)
    }

    /// Behind a pooler a question waits for its turn like any other: while the pooler lets one in and the
    /// database itself answers, nobody is lost.
    async fn pooler_is_busy(&self) -> bool {
        let Some(direct) = &self.direct else { return false };
        let (ours, theirs) =
            tokio::join!(answered(PATIENCE_AGAIN, &self.ours), answered(PATIENCE_AGAIN, direct));
        ours.is_ok() && theirs.is_ok()
    }
}

/// A new connection. `None`: a refusal, which is an answer too. That there is no place for one more connection
/// says nothing to those who have one.
async fn answered(
    patience: Duration,
    options: &PgConnectOptions,
) -> Result<Option<PgConnection>, sqlx::Error> {
    match timeout(patience, options.connect()).await {
        Ok(Ok(connection)) => Ok(Some(connection)),
        Ok(Err(error)) if is_answer(&error) => Ok(None),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(silence()),
    }
}

/// Is there somebody who could do more than say that nothing can be done? Class 57P is a database that stops,
/// starts, or recovers.
fn is_answer(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| !code.starts_with("57P"))
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use sqlx::postgres::PgPoolOptions;

    use super::*;

    /// Of a database that is nowhere; nobody connects here.
    fn connections() -> Connections {
        Connections::of(PgPoolOptions::new().max_connections(3).connect_lazy_with(PgConnectOptions::new()))
    }

    #[tokio::test]
    async fn who_waits_is_told_when_the_database_is_lost_and_who_comes_then_at_once() {
        let connections = connections();
        let (told, ()) = tokio::join!(connections.within_reach(pending::<()>()), async {
            connections.lose(&silence());
        });
        assert!(matches!(told, Err(Failure::Unavailable(_))));
        assert!(connections.within_reach(pending::<()>()).await.is_err());
        // What needs no database is done all the same.
        assert_eq!(connections.within_reach(async { 1 }).await.ok(), Some(1));
        connections.found();
        assert_eq!(connections.within_reach(async { tokio::task::yield_now().await }).await.ok(), Some(()));
    }

    #[tokio::test]
    async fn what_hangs_on_a_lost_database_is_left_behind() {
        let connections = connections();
        let before = connections.current();
        connections.lose(&silence());
        let after = connections.current();
        // A closed pool is closed for all who have it.
        before.close().await;
        assert!(!after.is_closed());
        assert_eq!(after.options().get_max_connections(), 3);
    }

    #[tokio::test]
    async fn what_is_attended_to_begins_anew_once_the_database_is_back() {
        let connections = connections();
        let mut begun = 0;
        let attended = connections.attend(|_| {
            begun += 1;
            let is_second = begun == 2;
            async move {
                if !is_second {
                    pending::<()>().await;
                }
            }
        });
        tokio::join!(attended, async {
            connections.lose(&silence());
            tokio::task::yield_now().await;
            connections.found();
        });
        assert_eq!(begun, 2);
    }

    #[tokio::test]
    async fn told_to_rest_while_the_database_is_away_one_rests() {
        let connections = connections();
        connections.lose(&silence());
        let (rest, resting) = watch::channel(false);
        let ((), ()) = tokio::join!(connections.attend_until(resting, |_| pending::<()>()), async {
            rest.send_replace(true);
        });
    }
}
