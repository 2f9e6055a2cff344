//! The database: connections, migrations, pages by key.

mod address;
pub mod adoption;
pub mod availability;
mod blockers;
pub mod id_filters;
pub mod keyset;
pub mod migrate;
mod pool;
pub mod retry;
pub mod room;
pub mod search;
pub mod serial_keys;
pub mod soft_delete;
pub mod tls;

use sqlx::postgres::{PgDatabaseError, PgQueryResult};
use sqlx::{Postgres, QueryBuilder};

pub use self::address::servers;
pub use self::pool::{ConnectionMode, listening, pool, serving_pool, set_application_role};
use crate::kernel::page::TimeRange;

/// What statements run on, for those parts that hand one on and issue none.
pub type Connection = sqlx::PgConnection;

/// How many rows one statement deletes of those that have expired: few enough for its time limit.
pub const SWEPT_AT_ONCE: i64 = 10_000;

/// Was there less to delete than one statement may? Rows that others hold come up the next time.
pub fn is_last_sweep(done: &PgQueryResult) -> bool {
    done.rows_affected() < SWEPT_AT_ONCE.cast_unsigned()
}

/// Is a value of this column unique and there already? Told by the column and not by the name of a
/// constraint: tables that were there before us have constraints that somebody else named.
pub fn is_taken(error: &sqlx::Error, column: &str) -> bool {
    let Some(error) = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>())
    else {
        return false;
    };
    // "Key (external_workspace_id)=(x) already exists.", or "Key (lower(email::text))=…".
    let key = error.detail().and_then(|detail| detail.split_once(")=(")).map_or("", |(key, _)| key);
    error.code() == UNIQUE_VIOLATION && key.contains(column)
}

const UNIQUE_VIOLATION: &str = "23505";

/// Appends ` AND …` for each end of the range that is closed. Text before the column is ours.
pub fn push_range(query: &mut QueryBuilder<'_, Postgres>, column: &str, range: TimeRange) {
    if let Some(from) = range.from {
        query.push(" AND ").push(column).push(" >= ").push_bind(from);
    }
    if let Some(before) = range.before {
        query.push(" AND ").push(column).push(" < ").push_bind(before);
    }
}
