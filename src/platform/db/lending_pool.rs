//! A pool whose connections requests hand to each other.
//!
//! The pool asks the database after each use whether the connection still works, in a task of its own. This would double
//! the round trips of a request with one statement, so a connection goes back to the pool only once in [`KEPT_FOR`], and
//! after any use that did not end well.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection as _, PgConnection, PgPool, Postgres};

use crate::platform::sync::lock;

/// This is short, because users of the pool itself wait while requests keep its connections. It is also shorter than the time
/// for which the pool trusts an idle connection (`connect.rs`).
const KEPT_FOR: Duration = Duration::from_millis(100);

#[derive(Clone)]
pub(super) struct LendingPool {
    pool: PgPool,
    free: Arc<Mutex<Free>>,
}

/// The connections that are in use by nobody, and not in the pool.
#[derive(Default)]
struct Free {
    connections: Vec<FreeConnection>,
    /// How many callers of [`LendingPool::lend`] wait for the pool. They must not miss a connection that becomes free.
    waiting: usize,
    is_closed: bool,
}

struct FreeConnection {
    connection: PoolConnection<Postgres>,
    left_pool_at: Instant,
}

/// A connection of a request. Dropping it returns it to the pool.
pub struct LentConnection {
    connection: FreeConnection,
    free: Arc<Mutex<Free>>,
}

impl LendingPool {
    pub(super) fn of(pool: PgPool) -> Self {
        Self { pool, free: Arc::default() }
    }

    /// The pool itself, for users that keep a connection for long.
    pub(super) const fn pool(&self) -> &PgPool {
        &self.pool
    }

    pub(super) fn options(&self) -> PgConnectOptions {
        self.pool.connect_options().as_ref().clone()
    }

    /// A free connection that has left the pool recently, or else one from the pool.
    pub(super) async fn lend(&self) -> sqlx::Result<LentConnection> {
        let lent = |connection| LentConnection { connection, free: Arc::clone(&self.free) };
        let _waiting = {
            let mut free = lock(&self.free);
            let found = std::iter::from_fn(|| free.connections.pop()).find(FreeConnection::is_fresh);
            if let Some(connection) = found {
                return Ok(lent(connection));
            }
            free.waiting += 1;
            Waiting(&self.free)
        };
        let connection = self.pool.acquire().await?;
        Ok(lent(FreeConnection { connection, left_pool_at: Instant::now() }))
    }

    /// How many connections are in use, and how many are free.
    pub(super) fn used_and_idle(&self) -> (u32, u32) {
        let idle = self.pool.num_idle() + lock(&self.free).connections.len();
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        (self.pool.size().saturating_sub(idle), idle)
    }

    /// Returns to the pool the free connections that [`Self::lend`] would not use any more. Otherwise they would stay here
    /// after the last request.
    pub(super) fn release_stale(&self) {
        lock(&self.free).connections.retain(FreeConnection::is_fresh);
    }

    /// An empty pool with the same settings that replaces this one, which is abandoned.
    pub(super) fn replacement(&self, options: PgConnectOptions) -> Self {
        self.keep_none();
        Self::of(self.pool.options().clone().connect_lazy_with(options))
    }

    /// Waits until no connection is in use.
    pub(super) async fn close(&self) {
        self.keep_none();
        self.pool.close().await;
    }

    /// Returns the free connections to the pool.
    pub(super) fn release_free(&self) {
        lock(&self.free).connections.clear();
    }

    /// Returns all connections to the pool, and those in use when they become free.
    fn keep_none(&self) {
        let mut free = lock(&self.free);
        free.is_closed = true;
        free.connections.clear();
    }
}

struct Waiting<'a>(&'a Mutex<Free>);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        lock(self.0).waiting -= 1;
    }
}

impl FreeConnection {
    fn is_fresh(&self) -> bool {
        self.left_pool_at.elapsed() < KEPT_FOR
    }
}

impl LentConnection {
    /// Leaves the connection to the next request. Only for one whose last statement has succeeded, outside of a
    /// transaction: any other must be dropped.
    pub fn hand_over(self) {
        let Self { connection, free } = self;
        // The pool sends what is not sent yet: the rollback of a transaction that was dropped.
        let is_idle = !connection.connection.should_flush();
        let mut free = lock(&free);
        if is_idle && connection.is_fresh() && free.waiting == 0 && !free.is_closed {
            free.connections.push(connection);
        }
    }

    pub fn into_pool_connection(self) -> PoolConnection<Postgres> {
        self.connection.connection
    }
}

impl Deref for LentConnection {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.connection.connection
    }
}

impl DerefMut for LentConnection {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.connection.connection
    }
}
