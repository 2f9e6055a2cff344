//! The database: connections, migrations, keyset pagination.

pub mod adoption;
pub mod availability;
mod connect;
pub mod errors;
pub mod id_filters;
pub mod keyset;
pub mod lending_pool;
pub mod listen;
pub mod log_partitions;
pub mod migrate;
pub mod replicas;
pub mod search;
pub mod serial_keys;
pub mod soft_delete;
pub mod statement;
pub mod wal_position;

use std::time::Duration;

use sqlx::{Postgres, QueryBuilder};

pub use self::connect::{ConnectionMode, is_read_only, pool, resolve_tls, servers, serving_pool, standbys};
pub use self::errors::is_taken;
use crate::kernel::page::TimeRange;

/// A connection, for modules that pass it on and run no statement themselves.
pub type Connection = sqlx::PgConnection;

/// Appends ` AND …` for each end of the range that is closed.
pub fn push_range(query: &mut QueryBuilder<'_, Postgres>, column: &str, range: TimeRange) {
    if let Some(from) = range.from {
        query.push(" AND ").push(column).push(" >= ").push_bind(from);
    }
    if let Some(before) = range.before {
        query.push(" AND ").push(column).push(" < ").push_bind(before);
    }
}

/// Waits before a transaction is repeated that Postgres has aborted (deadlock or serialization failure). Transactions lock
/// rows in one order, except for the operations of one request, and if a person is deleted while acting. An aborted
/// transaction is repeated once; a second conflict is reported to the client.
pub async fn backoff() {
    tracing::info!("transaction aborted by a conflict; retrying");
    tokio::time::sleep(jitter()).await;
}

/// A random delay, because transactions that aborted each other would otherwise collide again.
pub fn jitter() -> Duration {
    Duration::from_millis(rand::random_range(10..60))
}
