//! Reads on standbys (`database_read_url`).
//!
//! A probe asks each standby several times a second what it has replayed, and another one asks the primary for its position
//! in the write-ahead log. A standby is read from only if it has the primary's *history*: the same cluster, database and
//! timeline. Positions of different timelines cannot be compared, and after a failover an old primary, or a standby that was
//! ahead of the promoted one, has changes that never happened. It must also have everything that was committed [`MAX_LAG`]
//! ago, and the position that the request requires. Whatever cannot be read there is read from the primary.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::join_all;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{Executor as _, PgConnection, Row as _};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::platform::db::availability::{Database, connect};
use crate::platform::db::connect::{ConnectionMode, prepare};
use crate::platform::db::lending_pool::{LendingPool, LentConnection};
use crate::platform::db::wal_position::WalPosition;
use crate::platform::failure::{Failure, Outcome};
use crate::platform::metrics;
use crate::platform::sync::lock;

const PROBE_INTERVAL: Duration = Duration::from_millis(250);
/// A standby that does not answer for longer is left. This costs little, because the primary has everything.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(500);
pub const MAX_LAG: Duration = Duration::from_secs(5);
/// What is known about the primary counts for this long. Its successor has another history.
const TRUST: Duration = Duration::from_secs(2);
/// A read waits no longer for a connection to a standby, or for the position of the primary after a change.
const STANDBY_ACQUIRE_TIMEOUT: Duration = Duration::from_millis(250);

/// Without standbys, which is the default, nothing is probed and every read runs on the primary.
#[derive(Clone, Default)]
pub struct Replicas(Option<Arc<Inner>>);

struct Inner {
    standbys: Vec<Standby>,
    primary: Mutex<Primary>,
    /// The last position that pages of this process required. Later pages do not show an earlier state.
    seen: AtomicU64,
    turn: AtomicUsize,
}

const UNKNOWN_PRIMARY: &str = "the position of the primary is not known";

#[derive(Default)]
struct Primary {
    history: String,
    /// Its position [`MAX_LAG`] ago, or when it was probed first: migrations that this process has applied are older.
    floor: WalPosition,
    recent: VecDeque<(Instant, WalPosition)>,
}

impl Primary {
    /// Returns whether the primary has another history than before.
    fn note(&mut self, asked_at: Instant, history: String, position: WalPosition) -> bool {
        let is_new = self.history != history;
        if is_new {
            *self = Self { history, floor: position, recent: VecDeque::new() };
        }
        self.recent.push_back((asked_at, position));
        while let Some((at, position)) = self.recent.front().copied()
            && asked_at.duration_since(at) > MAX_LAG
        {
            self.floor = position;
            self.recent.pop_front();
        }
        is_new
    }

    /// Why the server that gave this answer must not be read from.
    fn refusal(&self, answer: &Answer) -> Option<&'static str> {
        if !answer.is_standby {
            Some("it is no standby: it is the primary, or was promoted or replaced")
        } else if self.last().is_none() {
            Some(UNKNOWN_PRIMARY)
        } else if answer.history != self.history {
            Some("it has another cluster, database or timeline than the primary")
        } else if answer.position < self.floor {
            Some("it lags behind")
        } else {
            None
        }
    }

    fn last(&self) -> Option<WalPosition> {
        self.recent.back().filter(|(at, _)| at.elapsed() < TRUST).map(|(_, position)| *position)
    }
}

struct Standby {
    /// Host and port.
    name: String,
    options: PgConnectOptions,
    status: watch::Sender<Status>,
    /// The server that the probe is connected to.
    server: Arc<Mutex<String>>,
}

struct Status {
    pool: LendingPool,
    /// `None`: it did not answer, or is no standby.
    answer: Option<Answer>,
    /// The number of times that it stopped answering, which ends the reads on it.
    outages: u64,
}

#[derive(Debug, Clone)]
struct Answer {
    is_standby: bool,
    position: WalPosition,
    history: String,
    /// Identifies the running server, wherever an address leads.
    server: String,
}

/// Asks either kind of server; any role may execute these functions. `pg_control_*` knows a new timeline of a standby only
/// after its next restartpoint, so that it is not used for some minutes after a failover.
const PROBE: &str = "SELECT pg_is_in_recovery(),
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END::text,
    concat_ws(' ', s.system_identifier, d.oid,
              CASE WHEN pg_is_in_recovery()
                   THEN upper(lpad(to_hex(greatest(c.timeline_id, r.min_recovery_end_timeline)), 8, '0'))
                   ELSE left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END),
    pg_postmaster_start_time()::text
  FROM pg_control_system() s, pg_control_checkpoint() c, pg_control_recovery() r, pg_database d
  WHERE d.datname = current_database()";

fn read(text: &str) -> Option<WalPosition> {
    text.parse().ok()
}

async fn ask(connection: &mut PgConnection) -> sqlx::Result<Answer> {
    let row = connection.fetch_one(PROBE).await?;
    Ok(Answer {
        is_standby: row.try_get(0)?,
        // A standby that has replayed nothing yet has no position.
        position: row.try_get::<Option<&str>, _>(1)?.and_then(read).unwrap_or_default(),
        history: row.try_get(2)?,
        server: row.try_get(3)?,
    })
}

/// A cheaper question: what a standby has replayed, or what the primary has written. `None`: the server is the other one.
async fn position(connection: &mut PgConnection, is_standby: bool) -> sqlx::Result<Option<WalPosition>> {
    let statement = if is_standby {
        "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() END::text"
    } else {
        "SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_insert_lsn() END::text"
    };
    let asked = async {
        connection.fetch_one(statement).await?.try_get::<Option<&str>, _>(0).map(|text| text.and_then(read))
    };
    timeout(ANSWER_TIMEOUT, asked).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// Asks again on the connection of the last time, and puts it back if it still works.
async fn probe(
    options: &PgConnectOptions,
    connection: &mut Option<(PgConnection, bool)>,
) -> sqlx::Result<(Answer, bool)> {
    let asked = async {
        let mut connected = match connection.take() {
            Some(connected) => connected,
            None => connect(options).await?.ok_or(sqlx::Error::PoolTimedOut)?,
        };
        let answer = ask(&mut connected.0).await?;
        let is_plain = connected.1;
        *connection = Some(connected);
        Ok((answer, is_plain))
    };
    timeout(ANSWER_TIMEOUT, asked).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// The options of a pool whose connections lead to the server that the probe asks: an address may lead to several, of which
/// one has less than another. Behind a pooler this cannot be checked.
fn pool_options(max_connections: u32, mode: ConnectionMode, server: Arc<Mutex<String>>) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(STANDBY_ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .after_connect(move |connection, _| {
            let server = Arc::clone(&server);
            Box::pin(async move {
                prepare(connection, mode).await?;
                if mode == ConnectionMode::Direct && ask(connection).await?.server != *lock(&server) {
                    return Err(sqlx::Error::Configuration("the address leads to several servers".into()));
                }
                Ok(())
            })
        })
}

impl Replicas {
    /// `max_connections`: to each of the servers.
    pub fn of(servers: Vec<PgConnectOptions>, max_connections: u32, mode: ConnectionMode) -> Self {
        let standby = |options: PgConnectOptions| {
            let (options, server) = (mode.options(options), Arc::default());
            let pool = pool_options(max_connections, mode, Arc::clone(&server));
            let pool = pool.connect_lazy_with(options.clone());
            Standby {
                name: format!("{}:{}", options.get_host(), options.get_port()),
                options,
                status: watch::Sender::new(Status { pool: LendingPool::of(pool), answer: None, outages: 0 }),
                server,
            }
        };
        let standbys: Vec<_> = servers.into_iter().map(standby).collect();
        let (primary, seen, turn) = Default::default();
        Self((!standbys.is_empty()).then(|| Arc::new(Inner { standbys, primary, seen, turn })))
    }

    pub const fn are_configured(&self) -> bool {
        self.0.is_some()
    }

    /// A connection to a standby that has replayed the position, if there is one.
    pub async fn connection(&self, required: WalPosition) -> Option<(StandbyRead, LentConnection)> {
        let inner = self.0.as_ref()?;
        let found = match inner.choose(required) {
            Some((index, known)) => inner.connect(index, known, required).await,
            None => None,
        };
        let name = found.as_ref().map_or("primary", |(read, _)| &inner.standbys[read.standby].name);
        metrics::read_from(name);
        found
    }

    /// Probes all servers until it is dropped.
    pub async fn watch(self, database: Database) {
        let Some(inner) = &self.0 else { return };
        let primary = database.run_while_available(|_| inner.watch_primary(database.direct_options()));
        let standbys = join_all(inner.standbys.iter().map(|standby| standby.watch(&inner.primary)));
        tokio::join!(primary, standbys);
    }

    /// A position that includes everything that was committed on this connection. `None` without standbys.
    pub async fn position(&self, connection: &mut PgConnection) -> Option<WalPosition> {
        let inner = self.0.as_ref()?;
        let Ok(Some(position)) = position(connection, false).await else { return Some(WalPosition::UNKNOWN) };
        inner.seen.fetch_max(position.0, Ordering::Relaxed);
        Some(position)
    }

    /// [`Self::position`] of everything that was committed on the primary by now.
    pub async fn position_of(&self, primary: &Database) -> Option<WalPosition> {
        self.0.as_ref()?;
        let Ok(Ok(mut connection)) = timeout(STANDBY_ACQUIRE_TIMEOUT, primary.lend()).await else {
            return Some(WalPosition::UNKNOWN);
        };
        let position = self.position(&mut connection).await;
        if position != Some(WalPosition::UNKNOWN) {
            connection.hand_over();
        }
        position
    }

    pub async fn close(&self) {
        let standbys = self.0.iter().flat_map(|inner| &inner.standbys);
        let pools = standbys.map(|standby| standby.status.borrow().pool.clone());
        join_all(pools.map(|pool| async move { timeout(ANSWER_TIMEOUT, pool.close()).await })).await;
    }
}

impl Inner {
    /// A standby that may be read from, and the position that it is known to have: in turn, but first one that is known to
    /// have what is required.
    fn choose(&self, required: WalPosition) -> Option<(usize, WalPosition)> {
        if required == WalPosition::UNKNOWN {
            return None;
        }
        let primary = lock(&self.primary);
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let count = self.standbys.len();
        let usable = (0..count).map(|index| (turn.wrapping_add(index)) % count).filter_map(|index| {
            let status = self.standbys[index].status.borrow();
            let answer = status.answer.as_ref()?;
            (primary.refusal(answer).is_none()).then_some((index, answer.position))
        });
        usable.max_by_key(|(_, position)| *position >= required)
    }

    async fn connect(
        self: &Arc<Self>,
        index: usize,
        known: WalPosition,
        required: WalPosition,
    ) -> Option<(StandbyRead, LentConnection)> {
        let standby = &self.standbys[index];
        let (pool, outages) = {
            let status = standby.status.borrow();
            (status.pool.clone(), status.outages)
        };
        let mut connection = timeout(STANDBY_ACQUIRE_TIMEOUT, pool.lend()).await.ok()?.ok()?;
        // The probe was some time ago.
        if known < required && position(&mut connection, true).await.ok()?? < required {
            return None;
        }
        Some((StandbyRead { inner: Arc::clone(self), standby: index, outages }, connection))
    }

    async fn watch_primary(&self, options: PgConnectOptions) {
        let mut connection = None;
        loop {
            let asked_at = Instant::now();
            if let Ok((answer, _)) = probe(&options, &mut connection).await
                && !answer.is_standby
            {
                let is_new = lock(&self.primary).note(asked_at, answer.history, answer.position);
                if is_new {
                    // The new history may be shorter than the old one was.
                    self.seen.store(answer.position.0, Ordering::Relaxed);
                }
            }
            sleep(PROBE_INTERVAL).await;
        }
    }
}

impl Standby {
    async fn watch(&self, primary: &Mutex<Primary>) {
        let mut connection = None;
        // This is the case at the start, and reported elsewhere.
        let mut last = UNKNOWN_PRIMARY;
        loop {
            self.status.borrow().pool.release_stale();
            let probed = probe(&self.options, &mut connection).await;
            let (refusal, lag) = match &probed {
                Ok((answer, _)) => {
                    let primary = lock(primary);
                    (
                        primary.refusal(answer),
                        primary.last().map(|last| last.0.saturating_sub(answer.position.0)),
                    )
                }
                Err(_) => (Some("it does not answer"), None),
            };
            let server = &*self.name;
            match (refusal, &probed) {
                (Some(refusal), _) if refusal == last => {}
                (Some(reason), Err(error)) => tracing::warn!(server, reason, %error, "a standby is not used"),
                (Some(reason), Ok(_)) => tracing::warn!(server, reason, "a standby is not used"),
                (None, _) if last.is_empty() => {}
                (None, _) => tracing::info!(server, "a standby is used"),
            }
            last = refusal.unwrap_or_default();
            metrics::standby(server, refusal.is_none(), lag);
            match probed {
                Ok((answer, is_plain)) => self.note(answer, is_plain),
                Err(_) => self.leave(None),
            }
            sleep(PROBE_INTERVAL).await;
        }
    }

    /// `is_plain`: TLS is only preferred and does not work there.
    fn note(&self, answer: Answer, is_plain: bool) {
        lock(&self.server).clone_from(&answer.server);
        self.status.send_modify(|status| {
            let options = status.pool.options();
            if is_plain && !matches!(options.get_ssl_mode(), PgSslMode::Disable) {
                status.pool.pool().set_connect_options(options.ssl_mode(PgSslMode::Disable));
            }
            status.answer = Some(answer);
        });
    }

    /// Until the next answer. The pool is replaced, because its connections may hang or be broken. `after`: a read that began
    /// after this many outages has failed; `None`: the standby does not answer, and reads that still wait are ended.
    fn leave(&self, after: Option<u64>) {
        self.status.send_if_modified(|status| {
            let is_known = status.answer.is_none() || after.is_some_and(|outages| outages != status.outages);
            if !is_known {
                status.answer = None;
                status.pool = status.pool.replacement(status.pool.options());
                status.outages += u64::from(after.is_none());
            }
            !is_known
        });
    }
}

/// A read on a standby.
pub struct StandbyRead {
    inner: Arc<Inner>,
    standby: usize,
    outages: u64,
}

impl StandbyRead {
    /// `None`: the standby has stopped answering.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut status = self.inner.standbys[self.standby].status.subscribe();
        tokio::select! {
            biased;
            done = work => Some(done),
            _ = status.wait_for(|status| status.outages != self.outages) => None,
        }
    }

    /// Notes that the read is repeated on the primary. `is_lost`: the connection failed, and the standby is left until it
    /// answers the probe again.
    pub fn failed(&self, is_lost: bool) {
        let standby = &self.inner.standbys[self.standby];
        if is_lost {
            standby.leave(Some(self.outages));
        }
        metrics::read_repeated(&standby.name);
    }
}

/// Where reads run: on a standby that has what they require, else on the primary.
#[derive(Clone)]
pub struct Reads {
    primary: Database,
    replicas: Replicas,
    required: WalPosition,
}

impl Reads {
    pub fn on(primary: Database) -> Self {
        Self::of_page(primary, Replicas::default(), WalPosition::default())
    }

    /// `required`: by the session of the page.
    pub fn of_page(primary: Database, replicas: Replicas, required: WalPosition) -> Self {
        let seen = replicas.0.as_ref().map_or(0, |inner| inner.seen.load(Ordering::Relaxed));
        Self { primary, replicas, required: required.max(WalPosition(seen)) }
    }

    /// Requires everything that is committed by now. This takes a statement on the primary.
    #[must_use]
    pub async fn up_to_now(mut self) -> Self {
        let now = self.replicas.position_of(&self.primary).await;
        self.required = now.unwrap_or_default().max(self.required);
        self
    }

    /// Repeats the work on the primary if it fails on a standby or finds something missing there.
    pub async fn run<T>(
        &self,
        work: impl AsyncFnOnce(&mut PgConnection) -> Outcome<T> + Clone,
    ) -> Outcome<T> {
        if let Some((read, mut connection)) = self.replicas.connection(self.required).await {
            let outcome = read.run(work.clone()(&mut connection)).await;
            match outcome {
                Some(Ok(done)) => {
                    connection.hand_over();
                    return Ok(done);
                }
                // The standby may not have it yet.
                Some(Err(Failure::Problem(_))) => {}
                Some(Err(failure)) if failure.may_succeed_elsewhere() => {
                    read.failed(matches!(failure, Failure::Unavailable(_)));
                }
                Some(outcome) => return outcome,
                None => read.failed(true),
            }
        }
        let mut connection = self.primary.lend().await?;
        let done = work(&mut connection).await?;
        connection.hand_over();
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(history: &str, position: u64) -> Answer {
        let (history, server) = (history.to_owned(), "one".to_owned());
        Answer { is_standby: true, position: WalPosition(position), history, server }
    }

    #[test]
    fn standby_is_refused_for_its_history_and_its_lag() {
        let (mut primary, begin) = (Primary::default(), Instant::now());
        let mut note = |seconds, history: &str, position| {
            primary.note(begin + Duration::from_secs(seconds), history.to_owned(), WalPosition(position));
            [answer("a", 100), answer("a", 199), answer("b", 300)]
                .map(|answer| primary.refusal(&answer).is_none())
        };
        assert_eq!(note(0, "a", 100), [true, true, false]);
        assert_eq!(note(4, "a", 200), [true, true, false]);
        assert_eq!(note(6, "a", 300), [true, true, false]);
        assert_eq!(note(10, "a", 400), [false, false, false]);
        // The promoted server was behind.
        assert_eq!(note(11, "b", 150), [false, false, true]);
        let promoted = Answer { is_standby: false, ..answer("b", 300) };
        assert!(primary.refusal(&promoted).is_some());
    }
}
