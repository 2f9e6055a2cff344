//! The database: connections, migrations, keyset pagination.

mod address;
pub mod adoption;
pub mod availability;
pub mod disk_space;
pub mod id_filters;
pub mod keyset;
pub mod migrate;
mod pool;
pub mod retry;
pub mod search;
pub mod serial_keys;
pub mod soft_delete;
pub mod sqlstate;
pub mod statement;

use sqlx::postgres::PgDatabaseError;
use sqlx::{Postgres, QueryBuilder};

pub use self::address::{resolve_tls, servers};
pub use self::pool::{ConnectionMode, listening, pool, serving_pool, set_application_role};
use crate::kernel::page::TimeRange;

/// A connection, for modules that pass it on and run no statement themselves.
pub type Connection = sqlx::PgConnection;

/// Whether a unique index with this column refused a value. In adopted tables its name is another one.
pub fn is_taken(error: &sqlx::Error, column: &str) -> bool {
    let error = error.as_database_error().filter(|error| error.is_unique_violation());
    let detail = error.and_then(|error| error.try_downcast_ref::<PgDatabaseError>()?.detail());
    // "Key (external_workspace_id)=(x) already exists.", or "Key (lower(email::text))=…".
    detail.and_then(|detail| detail.split_once(")=(")).is_some_and(|(key, _)| key.contains(column))
}

/// Appends ` AND …` for each end of the range that is closed.
pub fn push_range(query: &mut QueryBuilder<'_, Postgres>, column: &str, range: TimeRange) {
    if let Some(from) = range.from {
        query.push(" AND ").push(column).push(" >= ").push_bind(from);
    }
    if let Some(before) = range.before {
        query.push(" AND ").push(column).push(" < ").push_bind(before);
    }
}
