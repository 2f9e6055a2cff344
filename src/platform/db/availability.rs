//! Detects that the database is unavailable, and fails pending requests at once instead of letting them hang.
//!
//! A database that stops ends its connections. A lost network does not: a client waits for as long as TCP retransmits,
//! about a quarter of an hour, and statement timeouts do not help, because some statements may take long. So a probe
//! asks the database several times a second on a separate connection. Without an answer, all pending requests fail and
//! the pool is abandoned: it would not replace a hanging connection before that connection has answered.
//!
//! A database can also be read-only: a standby, or a primary that a failover has demoted. Its connections stay, and
//! reads go on. Changes are refused until a *new* connection leads to a server that accepts them, because a failover
//! moves an address and no connection. So while the database is read-only, every probe makes a new connection to each
//! server of the URL, and the first one that accepts changes gets a new pool. A connection of the pool may also lead to
//! another server than that of the probe, so the next probe after a refused change looks at all servers too.

mod probe;

use std::cell::Cell;
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{PgPool, Postgres, Transaction};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use self::probe::{Answer, ProbeConnection, no_answer};
pub use self::probe::{Servers, primary_of};
use crate::platform::db::pool::ACQUIRE_TIMEOUT;
use crate::platform::failure::{Failure, Outcome, refused_changes};

const PROBE_INTERVAL: Duration = Duration::from_millis(250);
/// How long [`Database::close`] waits for connections that are still in use.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);
/// A request that has used up its wait still gets a connection that is free.
const MIN_ACQUIRE: Duration = Duration::from_millis(50);

tokio::task_local! {
    /// How much longer the current request may wait for connections, all its waits together.
    static REMAINING_WAIT: Cell<Duration>;
}

/// The connections that requests share, and whether the database is available.
#[derive(Clone)]
pub struct Database(watch::Sender<Status>);

#[derive(Clone)]
struct Status {
    availability: Availability,
    pool: PgPool,
    /// The index of the pool's server in [`Servers::ours`].
    server: usize,
    /// The same server past the pooler, if there is one.
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
            availability: Availability::Available,
            pool,
            server: 0,
            direct: None,
            outages: 0,
            replacements: 0,
        }))
    }

    pub fn current(&self) -> PgPool {
        self.0.borrow().pool.clone()
    }

    /// How to connect to the current server past the pooler.
    pub fn direct_options(&self) -> PgConnectOptions {
        let status = self.0.borrow();
        status.direct.clone().unwrap_or_else(|| status.pool.connect_options().as_ref().clone())
    }

    /// Whether the database accepts changes, as far as is known.
    pub fn accepts_changes(&self) -> bool {
        self.0.borrow().availability == Availability::Available
    }

    pub async fn acquire(&self) -> sqlx::Result<PoolConnection<Postgres>> {
        let acquire = self.current().acquire();
        let Ok(remaining) = REMAINING_WAIT.try_with(Cell::get) else { return acquire.await };
        let started = Instant::now();
        let limit = remaining.max(MIN_ACQUIRE);
        let acquired = timeout(limit, acquire).await.unwrap_or(Err(sqlx::Error::PoolTimedOut));
        // A page is also rendered by other tasks, so a wait that began in the request may end outside of it.
        let _ = REMAINING_WAIT.try_with(|wait| wait.set(wait.get().saturating_sub(started.elapsed())));
        acquired
    }

    pub async fn begin(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        Transaction::begin(self.acquire().await?, None).await
    }

    async fn wait_until(&self, is_reached: impl FnMut(&Status) -> bool) {
        // Never an error, because `self` holds a sender.
        let _ = self.0.subscribe().wait_for(is_reached).await;
    }

    /// Waits until the database does not accept changes, or the pool was replaced since `replacements`.
    async fn interrupted(&self, replacements: u64) {
        let is_interrupted =
            |now: &Status| now.availability != Availability::Available || now.replacements != replacements;
        self.wait_until(is_interrupted).await;
    }

    /// Cancels the work if the database becomes unavailable.
    ///
    /// # Errors
    /// `Unavailable`: the work was cancelled where it was.
    pub async fn cancel_if_unavailable<T>(&self, work: impl Future<Output = T>) -> Outcome<T> {
        let outages = self.0.borrow().outages;
        let is_out = |now: &Status| now.availability == Availability::Unavailable || now.outages != outages;
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = self.wait_until(is_out) => Err(Failure::Unavailable(no_answer().into())),
        }
    }

    /// Like [`Self::cancel_if_unavailable`], for a request, whose waits for connections have a common limit: a request that
    /// waits twice is answered as soon as one that waits once.
    pub async fn run_request<T>(&self, work: impl Future<Output = T>) -> Outcome<T> {
        self.cancel_if_unavailable(REMAINING_WAIT.scope(Cell::new(ACQUIRE_TIMEOUT), work)).await
    }

    /// Runs the work while the database accepts changes, and starts it again with the new pool when it does so again.
    /// Otherwise work that waits for an answer of a lost database would hang, and keep the abandoned pool.
    pub async fn run_while_available<F: Future>(&self, mut work: impl FnMut(PgPool) -> F) -> F::Output {
        loop {
            self.wait_until(|now| now.availability == Availability::Available).await;
            let Status { pool, replacements, .. } = self.0.borrow().clone();
            tokio::select! {
                biased;
                done = work(pool) => return done,
                () = self.interrupted(replacements) => {}
            }
        }
    }

    /// Like [`Self::run_while_available`], until shutdown. Work that is running gets the same signal and ends by itself; without an
    /// available database there is none.
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
        let mut connection = None;
        let mut refused = refused_changes();
        loop {
            let before = std::mem::replace(&mut refused, refused_changes());
            // The probe may be connected to another server than the one that refused a change.
            let is_doubted = before != refused;
            let is_down = self.0.borrow().availability == Availability::Unavailable;
            match servers.probe(connection.take().filter(|_| !is_doubted)).await {
                Ok(Some(answer)) => connection = self.mark_up(&servers, answer, is_doubted),
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

    /// Moves the pool to the server that answered, unless it leads there already. Returns the connection for the next
    /// probe: none while the database is read-only.
    fn mark_up(&self, servers: &Servers, answer: Answer, is_doubted: bool) -> Option<ProbeConnection> {
        let Answer { connection, is_read_only, direct } = answer;
        let before = self.0.borrow().clone();
        // A server that accepts changes again may be another one behind the same address.
        let has_moved = !is_read_only && (before.availability == Availability::ReadOnly || is_doubted);
        let uses_tls = !matches!(before.pool.connect_options().get_ssl_mode(), PgSslMode::Disable);
        let drops_tls = connection.is_plain && uses_tls;
        if has_moved && before.availability == Availability::Available {
            tracing::warn!("pool connections led to a read-only server");
        }
        if drops_tls {
            tracing::warn!("the database's TLS does not work, so it is not used (sslmode=prefer)");
        }
        let is_replaced = has_moved || drops_tls || before.server != connection.server;
        let options = connection.options(&servers.ours).filter(|_| is_replaced);
        if direct.is_some() {
            self.0.send_modify(|status| status.direct = direct);
        }
        let availability = if is_read_only { Availability::ReadOnly } else { Availability::Available };
        self.update(availability, options.map(|options| (options, connection.server)));
        (!is_read_only).then_some(connection)
    }

    /// Sets the availability, and replaces the pool by one that leads to `moved`, or after an outage to the same server.
    /// The old pool ends with its last connection: closing it would wait for hanging connections.
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
            let same = || (status.pool.connect_options().as_ref().clone(), status.server);
            let replacement = moved.or_else(|| is_outage.then(same));
            let is_replaced = replacement.is_some();
            if let Some((options, server)) = replacement {
                status.pool = status.pool.options().clone().connect_lazy_with(options);
                status.server = server;
            }
            status.replacements += u64::from(is_replaced);
            status.outages += u64::from(is_outage);
            status.availability = availability;
            is_changed || is_replaced
        });
    }

    /// Closes unused connections, and waits a moment for those in use.
    pub async fn close(&self) {
        if timeout(CLOSE_TIMEOUT, self.current().close()).await.is_err() {
            tracing::warn!("database connections were still in use at shutdown");
        }
    }
}
