//! Detects that the database is unavailable, and fails pending requests at once instead of letting them hang.
//!
//! In a lost network a client waits for as long as TCP retransmits, about a quarter of an hour, and some statements may
//! take long. So a probe asks the database several times a second on a separate connection. Without an answer, pending
//! requests fail, and the pool is abandoned: it would not replace a hanging connection.
//!
//! A read-only database (a standby, or a primary that a failover has demoted) keeps its connections and refuses changes
//! until a *new* connection leads to a server that accepts them. So while it is read-only, and after any refused change,
//! a probe connects to all servers of the URL, and one that accepts changes gets a new pool.

use std::cell::Cell;
use std::io;
use std::time::{Duration, Instant};

use futures::future::join_all;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, PgConnection, PgPool, Postgres, Transaction};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::platform::db::connect::{ACQUIRE_TIMEOUT, is_read_only, may_do_without};
use crate::platform::db::errors::code;
use crate::platform::db::lending_pool::{LendingPool, LentConnection};
use crate::platform::failure::{Failure, Outcome, refused_changes};

const PROBE_INTERVAL: Duration = Duration::from_millis(250);
/// A server that does not answer for longer is unavailable. A request waits this long, and until the next probe.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(1);
/// The second chance behind a pooler, which may be busy. All three together stay below 2 seconds.
const POOLER_TIMEOUT: Duration = Duration::from_millis(500);
const STARTUP_TIMEOUT: Duration = Duration::from_secs(3);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// A request that has used up its wait still gets a connection that is free.
const MIN_ACQUIRE: Duration = Duration::from_millis(50);

tokio::task_local! {
    /// How much longer the current request may wait for connections, all its waits together.
    static REMAINING_WAIT: Cell<Duration>;
}

#[derive(Clone)]
pub struct Database(watch::Sender<Status>);

#[derive(Clone)]
struct Status {
    availability: Availability,
    pool: LendingPool,
    server: usize,
    direct: Option<PgConnectOptions>,
    /// The number of outages, so that a waiter that misses a whole outage still notices it.
    outages: u64,
    replacements: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Availability {
    Available,
    ReadOnly,
    Unavailable,
}

impl Database {
    /// The database is taken to be available until [`Self::watch`] finds it is not.
    pub fn of(pool: PgPool) -> Self {
        Self(watch::Sender::new(Status {
            pool: LendingPool::of(pool),
            availability: Availability::Available,
            server: 0,
            direct: None,
            outages: 0,
            replacements: 0,
        }))
    }

    /// The pool itself. Free connections return to it first, because its user may not wait for them.
    pub fn current(&self) -> PgPool {
        let status = self.0.borrow();
        status.pool.release_free();
        status.pool.pool().clone()
    }

    pub fn direct_options(&self) -> PgConnectOptions {
        let status = self.0.borrow();
        status.direct.clone().unwrap_or_else(|| status.pool.options())
    }

    pub fn accepts_changes(&self) -> bool {
        self.0.borrow().availability == Availability::Available
    }

    /// A connection that its user may hand over to the next request.
    pub async fn lend(&self) -> sqlx::Result<LentConnection> {
        let pool = self.0.borrow().pool.clone();
        within_remaining_wait(pool.lend()).await
    }

    pub async fn acquire(&self) -> sqlx::Result<PoolConnection<Postgres>> {
        Ok(self.lend().await?.into_pool_connection())
    }

    /// How many connections are in use, and how many are free.
    pub fn used_and_idle(&self) -> (u32, u32) {
        self.0.borrow().pool.used_and_idle()
    }

    pub async fn begin(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        Transaction::begin(self.acquire().await?, None).await
    }

    async fn wait_until(&self, is_reached: impl FnMut(&Status) -> bool) {
        // Never an error, because `self` holds a sender.
        let _ = self.0.subscribe().wait_for(is_reached).await;
    }

    async fn interrupted(&self, replacements: u64) {
        let is_interrupted =
            |now: &Status| now.availability != Availability::Available || now.replacements != replacements;
        self.wait_until(is_interrupted).await;
    }

    /// Cancels the work, with the error `Unavailable`, if the database becomes unavailable.
    pub async fn cancel_if_unavailable<T>(&self, work: impl Future<Output = T>) -> Outcome<T> {
        let outages = self.0.borrow().outages;
        let is_out = |now: &Status| now.availability == Availability::Unavailable || now.outages != outages;
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = self.wait_until(is_out) => Err(Failure::Unavailable(no_answer().into())),
        }
    }

    /// Like [`Self::cancel_if_unavailable`], for a request, whose waits for connections have a common limit.
    pub async fn run_request<T>(&self, work: impl Future<Output = T>) -> Outcome<T> {
        self.cancel_if_unavailable(REMAINING_WAIT.scope(Cell::new(ACQUIRE_TIMEOUT), work)).await
    }

    /// Runs the work while the database accepts changes, and again with a new pool: it could hang with an abandoned one.
    pub async fn run_while_available<F: Future>(&self, mut work: impl FnMut(PgPool) -> F) -> F::Output {
        loop {
            self.wait_until(|now| now.availability == Availability::Available).await;
            let Status { pool, replacements, .. } = self.0.borrow().clone();
            tokio::select! {
                biased;
                done = work(pool.pool().clone()) => return done,
                () = self.interrupted(replacements) => {}
            }
        }
    }

    /// Like [`Self::run_while_available`], until shutdown. Work that is running gets the same signal and ends by itself.
    pub async fn run_while_available_until_shutdown<F: Future>(
        &self,
        mut shutdown: watch::Receiver<bool>,
        work: impl FnMut(PgPool) -> F,
    ) {
        let stopped = async {
            // An error: the sender is gone, which is a shutdown too.
            let _ = shutdown.wait_for(|is_shut_down| *is_shut_down).await;
            let replacements = self.0.borrow().replacements;
            self.interrupted(replacements).await;
        };
        tokio::select! {
            _ = self.run_while_available(work) => {}
            () = stopped => {}
        }
    }

    /// Probes the database until it is dropped. The pool leads to the first of these servers.
    pub async fn watch(self, servers: Servers) {
        self.0.send_modify(|status| status.direct = servers.direct.first().cloned());
        let mut last = None;
        let mut refused = refused_changes();
        loop {
            self.0.borrow().pool.release_stale();
            let before = std::mem::replace(&mut refused, refused_changes());
            // The probe may be connected to another server than the one that refused a change.
            let is_doubted = before != refused;
            let is_down = self.0.borrow().availability == Availability::Unavailable;
            match servers.probe(last.take().filter(|_| !is_doubted)).await {
                Ok(Some(answer)) => last = self.mark_up(&servers, answer, is_doubted),
                // A refusal, for example because all connections are taken, is no outage.
                Ok(None) if !is_down => {}
                Ok(None) => self.update(Availability::Available, None),
                Err(_) if is_down => {}
                Err(error) => {
                    tracing::warn!(%error, "the database is unavailable");
                    self.update(Availability::Unavailable, None);
                }
            }
            sleep(PROBE_INTERVAL).await;
        }
    }

    /// Moves the pool to the server that answered. Returns the answer for the next probe unless the server is read-only.
    fn mark_up(&self, servers: &Servers, mut answer: Answer, is_doubted: bool) -> Option<Answer> {
        let is_read_only = answer.is_read_only;
        let before = self.0.borrow().clone();
        // A server that accepts changes again may be another one behind the same address.
        let has_moved = !is_read_only && (before.availability == Availability::ReadOnly || is_doubted);
        let uses_tls = !matches!(before.pool.options().get_ssl_mode(), PgSslMode::Disable);
        let drops_tls = answer.is_plain && uses_tls;
        if has_moved && before.availability == Availability::Available {
            tracing::warn!("pool connections led to a read-only server");
        }
        if drops_tls {
            tracing::warn!("the database's TLS does not work, so it is not used (sslmode=prefer)");
        }
        let is_replaced = has_moved || drops_tls || before.server != answer.server;
        let options = answer.options(&servers.ours).filter(|_| is_replaced);
        if let Some(direct) = answer.direct.take() {
            self.0.send_modify(|status| status.direct = Some(direct));
        }
        let availability = if is_read_only { Availability::ReadOnly } else { Availability::Available };
        self.update(availability, options.map(|options| (options, answer.server)));
        (!is_read_only).then_some(answer)
    }

    /// Sets the availability, and replaces the pool by one that leads to `moved`, or after an outage to the same server.
    /// The old pool is not closed, which would wait for hanging connections.
    fn update(&self, availability: Availability, moved: Option<(PgConnectOptions, usize)>) {
        self.0.send_if_modified(|status| {
            let is_changed = status.availability != availability;
            let is_outage = is_changed && availability == Availability::Unavailable;
            match availability {
                Availability::Available if is_changed => tracing::info!("the database is available again"),
                Availability::ReadOnly if is_changed || moved.is_some() => {
                    tracing::warn!("the database is read-only: changes are refused");
                }
                Availability::Available | Availability::ReadOnly | Availability::Unavailable => {}
            }
            let same = || (status.pool.options(), status.server);
            let replacement = moved.or_else(|| is_outage.then(same));
            let is_replaced = replacement.is_some();
            if let Some((options, server)) = replacement {
                status.pool = status.pool.replacement(options);
                status.server = server;
            }
            status.replacements += u64::from(is_replaced);
            status.outages += u64::from(is_outage);
            status.availability = availability;
            is_changed || is_replaced
        });
    }

    pub async fn close(&self) {
        let pool = self.0.borrow().pool.clone();
        if timeout(CLOSE_TIMEOUT, pool.close()).await.is_err() {
            tracing::warn!("database connections were still in use at shutdown");
        }
    }
}

async fn within_remaining_wait<T>(acquire: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    let Ok(remaining) = REMAINING_WAIT.try_with(Cell::get) else { return acquire.await };
    let started = Instant::now();
    let limit = remaining.max(MIN_ACQUIRE);
    let acquired = timeout(limit, acquire).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
    // A page is also rendered by other tasks, so a wait that began in the request may end outside of it.
    let _ = REMAINING_WAIT.try_with(|wait| wait.set(wait.get().saturating_sub(started.elapsed())));
    acquired
}

pub struct Servers {
    /// How requests connect: at least one server.
    pub ours: Vec<PgConnectOptions>,
    /// The same servers past the pooler. Empty without a pooler.
    pub direct: Vec<PgConnectOptions>,
}

fn no_answer() -> sqlx::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the database does not answer").into()
}

struct Answer {
    connection: PgConnection,
    server: usize,
    /// Whether TLS is preferred and does not work there, which `resolve_tls` could not know without the server.
    is_plain: bool,
    is_read_only: bool,
    direct: Option<PgConnectOptions>,
}

impl Answer {
    fn options(&self, servers: &[PgConnectOptions]) -> Option<PgConnectOptions> {
        let options = servers.get(self.server)?.clone();
        Some(if self.is_plain { options.ssl_mode(PgSslMode::Disable) } else { options })
    }
}

/// `None`: a server answers, but refuses a connection or has no time for it.
type Probed = sqlx::Result<Option<Answer>>;

impl Servers {
    /// `last`: the answer of a server that accepted changes at the last probe.
    async fn probe(&self, last: Option<Answer>) -> Probed {
        if let Some(mut last) = last {
            match timeout(ANSWER_TIMEOUT, is_read_only(&mut last.connection)).await {
                Ok(Ok(false)) => return Ok(Some(Answer { direct: None, ..last })),
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
        let direct = direct.and_then(|direct| direct.options(&self.direct));
        Ok(answer.map(|answer| Answer { direct, ..answer }))
    }

    /// Behind a pooler the probe waits for its turn. The database is available as long as both of them answer.
    async fn pooler_is_busy(&self) -> bool {
        let Some(pooler) = self.ours.first().filter(|_| !self.direct.is_empty()) else { return false };
        let pooler = within(POOLER_TIMEOUT, connect(pooler));
        let (pooler, database) = tokio::join!(pooler, probe_all(POOLER_TIMEOUT, &self.direct));
        pooler.is_ok() && database.is_ok()
    }
}

/// The best answer of these servers: one that accepts changes, else a read-only one, else a refusal.
async fn probe_all(limit: Duration, servers: &[PgConnectOptions]) -> Probed {
    let rank = |probed: &Probed| Some(probed.as_ref().ok()?.as_ref().map(|answer| !answer.is_read_only));
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
    Ok(Some(Answer { connection, server, is_plain, is_read_only, direct: None }))
}

/// A new connection, and whether it does without TLS that is only preferred. `None`: a running server refused it. SQLSTATE
/// class 57P is a server that stops, starts or recovers.
pub(super) async fn connect(options: &PgConnectOptions) -> sqlx::Result<Option<(PgConnection, bool)>> {
    let options = options.clone().application_name("groupdesk watch").disable_statement_logging();
    let mut connected = options.connect().await;
    let is_plain = connected.as_ref().is_err_and(|error| may_do_without(&options, error));
    if is_plain {
        connected = options.ssl_mode(PgSslMode::Disable).connect().await;
    }
    match connected {
        Err(error) if code(&error).is_some_and(|code| !code.starts_with("57P")) => Ok(None),
        connected => connected.map(|connection| Some((connection, is_plain))),
    }
}

/// The index of the server that accepts changes at the moment, else of a read-only one, else of the first.
pub async fn primary_of(servers: &[PgConnectOptions]) -> usize {
    if servers.len() < 2 {
        return 0;
    }
    probe_all(STARTUP_TIMEOUT, servers).await.ok().flatten().map_or(0, |answer| answer.server)
}
