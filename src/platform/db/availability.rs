//! Whether the database is within reach, and what becomes of those who wait for it when it is not.
//!
//! A database that has stopped says so: its connections end. One that the network has lost says nothing.
//! What is sent to it vanishes, and who waits for its answer waits for as long as the system goes on sending,
//! which is a quarter of an hour. A limit for each statement is no way out of that: some may take long. So
//! one connection asks several times a second for nothing but an answer. When none comes, all who wait are
//! told at once, and the pool is left behind with all that hangs on it: it would give the place of a hanging
//! connection to nobody else before that connection has answered.
//!
//! A third state is a database that only reads: a standby, or a primary that a failover has demoted. Its
//! connections do not end, and reading goes on over them. Changes are refused until a *new* connection leads
//! to a server that takes them, because a failover moves an address (a name, a virtual address, a proxy) and
//! no connection. So while the database only reads, each question is asked on a new connection to each server
//! that the URL names. The first that takes changes gets a new pool, and the old one is left behind. A
//! connection of the pool may also lead to another server than the one that asks: where a change is refused on
//! it, which `failure::refused_changes` counts, the same is done.

mod ways;

use std::cell::Cell;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{PgPool, Postgres, Transaction};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

pub use crate::platform::db::availability::ways::primary_of;
use crate::platform::db::availability::ways::{Answer, Held, Told, Ways, silence};
use crate::platform::db::pool::ACQUIRE_TIMEOUT;
use crate::platform::failure::{Failure, Outcome, refused_changes};

/// How often the database is asked.
const BEAT: Duration = Duration::from_millis(250);
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
    place: RwLock<Place>,
    standing: watch::Sender<Standing>,
}

/// Where the database is at the moment.
#[derive(Clone)]
struct Place {
    pool: PgPool,
    /// Which of [`Servers::ours`] the pool leads to.
    server: usize,
    /// The same database past the pooler, if there is one.
    direct: Option<PgConnectOptions>,
}

/// How things stand with the database.
#[derive(Clone, Copy)]
struct Standing {
    state: State,
    /// How often it was lost: who is not asked between a loss and the end of it still learns of both.
    losses: u64,
    /// How often the pool was replaced, after a loss or because connections can no longer be made as before.
    pools: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// It takes changes.
    There,
    /// It answers, and refuses changes.
    OnlyReads,
    Away,
}

/// The servers of the database, of which one at a time takes changes. Each list has at least one, but for
/// `direct` where there is no pooler.
pub struct Servers {
    /// As requests get at them.
    pub ours: Vec<PgConnectOptions>,
    /// Past the pooler.
    pub direct: Vec<PgConnectOptions>,
}

impl Connections {
    /// Of a database that is taken to be there until [`Self::watch`] finds out otherwise.
    pub fn of(pool: PgPool) -> Self {
        Self(Arc::new(Shared {
            place: RwLock::new(Place { pool, server: 0, direct: None }),
            standing: watch::Sender::new(Standing { state: State::There, losses: 0, pools: 0 }),
        }))
    }

    fn place(&self) -> RwLockReadGuard<'_, Place> {
        self.0.place.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_place(&self, change: impl FnOnce(&mut Place)) {
        change(&mut self.0.place.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// The pool of the moment.
    pub fn current(&self) -> PgPool {
        self.place().pool.clone()
    }

    /// How to connect past the pooler, to the server of the moment.
    pub fn direct_options(&self) -> PgConnectOptions {
        let place = self.place();
        place.direct.clone().unwrap_or_else(|| place.pool.connect_options().as_ref().clone())
    }

    /// Does the database take changes, as far as is known?
    pub fn takes_changes(&self) -> bool {
        self.0.standing.borrow().state == State::There
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

    async fn wait_until(&self, is_so: impl FnMut(&Standing) -> bool) {
        // Never an error: the sender is ours.
        let _ = self.0.standing.subscribe().wait_for(is_so).await;
    }

    /// Waits until the database is away, or was away since it had been lost so many times.
    async fn lost(&self, losses: u64) {
        self.wait_until(|now| now.state == State::Away || now.losses != losses).await;
    }

    /// Waits until the database takes no changes, or the pool was replaced since there had been so many.
    async fn interrupted(&self, pools: u64) {
        self.wait_until(|now| now.state != State::There || now.pools != pools).await;
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

    /// Does this while the database takes changes, and starts it again when the database takes changes again:
    /// what waited for an answer of a lost database would wait on, and what has a pool would keep a pool that
    /// was left.
    pub async fn attend<F: Future>(&self, mut work: impl FnMut(PgPool) -> F) -> F::Output {
        loop {
            self.wait_until(|now| now.state == State::There).await;
            let pools = self.0.standing.borrow().pools;
            tokio::select! {
                biased;
                done = work(self.current()) => return done,
                () = self.interrupted(pools) => {}
            }
        }
    }

    /// As [`Self::attend`], until told to rest. Work that is under way has been told too, and ends by itself;
    /// while the database takes no changes there is none.
    pub async fn attend_until<F: Future>(
        &self,
        mut resting: watch::Receiver<bool>,
        work: impl FnMut(PgPool) -> F,
    ) {
        let told = async {
            // An error: who could tell is gone.
            let _ = resting.wait_for(|rests| *rests).await;
            let pools = self.0.standing.borrow().pools;
            self.interrupted(pools).await;
        };
        tokio::select! {
            _ = self.attend(work) => {}
            () = told => {}
        }
    }

    /// Asks whether the database is there and takes changes, again and again, until it is dropped. The pool
    /// leads to the first of these servers.
    pub async fn watch(self, servers: Servers) {
        self.write_place(|place| place.direct = servers.direct.first().cloned());
        let ways = Ways::to(servers);
        let mut held = None;
        let mut refused = refused_changes();
        loop {
            let before = std::mem::replace(&mut refused, refused_changes());
            // Who asks may be connected to another server than those who were refused.
            let is_doubted = before != refused;
            match ways.ask(held.take().filter(|_| !is_doubted)).await {
                Ok(Answer::Told(told)) => held = self.arrive(&ways, *told, is_doubted),
                Ok(Answer::Untold) => self.come_back(),
                Err(error) => self.lose(&error),
            }
            sleep(BEAT).await;
        }
    }

    /// Goes to the server that answered, unless the pool leads there already; the connection to ask on next
    /// time.
    fn arrive(&self, ways: &Ways, told: Told, is_doubted: bool) -> Option<Held> {
        let Told { held, only_reads, direct } = told;
        let before = self.0.standing.borrow().state;
        // What takes changes again may be another server behind the same address.
        let is_left = !only_reads && (before == State::OnlyReads || is_doubted);
        let place = self.place().clone();
        let uses_tls = !matches!(place.pool.connect_options().get_ssl_mode(), PgSslMode::Disable);
        let is_without_tls = held.is_plain && uses_tls;
        if is_left && before == State::There {
            tracing::warn!("connections led to a server that only reads");
        }
        if is_without_tls {
            tracing::warn!("the database's TLS does not work, so it is not used (sslmode=prefer)");
        }
        let is_replaced = is_left || is_without_tls || place.server != held.server;
        if is_replaced && let Some(options) = ways.options(&held) {
            self.replace_pool(options, held.server);
        }
        if direct.is_some() {
            self.write_place(|place| place.direct = direct);
        }
        self.stand(if only_reads { State::OnlyReads } else { State::There }, is_replaced);
        // While it only reads, each question is asked on a new connection.
        (!only_reads).then_some(held)
    }

    /// It answers, and that is all that is known: no place for one more connection is no outage.
    fn come_back(&self) {
        if self.0.standing.borrow().state == State::Away {
            self.stand(State::There, false);
        }
    }

    fn stand(&self, state: State, is_replaced: bool) {
        let before = self.0.standing.borrow().state;
        if before == state && !is_replaced {
            return;
        }
        match state {
            State::There if before == state => {}
            State::There => tracing::info!("the database is back"),
            State::OnlyReads => tracing::warn!("the database only reads: changes are refused"),
            State::Away => {}
        }
        self.0.standing.send_modify(|now| {
            now.state = state;
            now.pools += u64::from(is_replaced);
            now.losses += u64::from(state == State::Away);
        });
    }

    fn lose(&self, error: &sqlx::Error) {
        if self.0.standing.borrow().state == State::Away {
            return;
        }
        tracing::warn!(%error, "the database is away");
        let place = self.place().clone();
        self.replace_pool(place.pool.connect_options().as_ref().clone(), place.server);
        self.stand(State::Away, true);
    }

    /// The one before is not closed: that would wait for what hangs. It ends with the last who holds a
    /// connection of it.
    fn replace_pool(&self, options: PgConnectOptions, server: usize) {
        let fresh = self.current().options().clone().connect_lazy_with(options);
        self.write_place(|place| (place.pool, place.server) = (fresh, server));
    }

    /// Closes what is not in use, and waits a moment for what is.
    pub async fn close(&self) {
        if timeout(CLOSING, self.current().close()).await.is_err() {
            tracing::warn!("connections to the database were still in use at the end");
        }
    }
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
        connections.come_back();
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

    /// Starts work that ends when it is started for the second time.
    async fn twice(connections: &Connections, meanwhile: impl AsyncFnOnce()) {
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
        tokio::join!(attended, meanwhile());
        assert_eq!(begun, 2);
    }

    #[tokio::test]
    async fn what_is_attended_to_begins_again_once_the_database_is_back() {
        let connections = connections();
        twice(&connections, async || {
            connections.lose(&silence());
            tokio::task::yield_now().await;
            connections.come_back();
        })
        .await;
    }

    #[tokio::test]
    async fn a_database_that_only_reads_is_read_and_changes_wait() {
        let connections = connections();
        let read = async {
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
        };
        let (read, ()) = tokio::join!(connections.within_reach(read), async {
            connections.stand(State::OnlyReads, false);
        });
        assert!(read.is_ok());
        assert!(!connections.takes_changes());
        // An answer that says nothing of changes does not say that they are taken.
        connections.come_back();
        assert!(!connections.takes_changes());
        connections.stand(State::There, true);
        twice(&connections, async || {
            connections.stand(State::OnlyReads, false);
            tokio::task::yield_now().await;
            connections.stand(State::There, true);
        })
        .await;
        // Also where only the pool was replaced.
        twice(&connections, async || connections.stand(State::There, true)).await;
    }

    #[tokio::test]
    async fn told_to_rest_while_the_database_takes_no_changes_one_rests() {
        for state in [State::Away, State::OnlyReads] {
            let connections = connections();
            connections.stand(state, false);
            let (rest, resting) = watch::channel(false);
            let ((), ()) = tokio::join!(connections.attend_until(resting, |_| pending::<()>()), async {
                rest.send_replace(true);
            });
        }
    }
}
