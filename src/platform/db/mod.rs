//! The database: connections, migrations, pages by key.

pub mod by_ids;
pub mod keyset;
pub mod migrate;
pub mod named;
pub mod reach;

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgDatabaseError, PgPoolOptions};
use sqlx::{ConnectOptions, Connection as _, PgPool, Postgres, QueryBuilder};

use crate::kernel::page::TimeRange;

/// A request that gets no connection within this time is answered "unavailable" instead of waiting.
const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(1500);
/// A connection unused for longer is asked whether it still lives before it is handed out. Asking
/// each time would cost every request a round trip.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// What statements run on, for those parts that hand one on and issue none.
pub type Connection = sqlx::PgConnection;

/// Reads a `postgres://` URL. The error names no part of the URL, which may hold a password.
pub fn options(url: &str) -> Result<PgConnectOptions, String> {
    let is_postgres = ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
    PgConnectOptions::from_str(url).ok().filter(|_| is_postgres).ok_or_else(|| {
        "the database URL is not of the form postgres://user:password@host:port/name".to_owned()
    })
}

/// Makes a pool without connecting: the server starts, and answers "unavailable", while the
/// database is away.
pub fn pool(options: PgConnectOptions, max_connections: u32) -> PgPool {
    let options = options
        .application_name("groupdesk")
        .options([("statement_timeout", "15s"), ("lock_timeout", "5s"), ("timezone", "UTC")])
        .options(reach::WHEN_WE_ARE_LOST)
        .log_slow_statements(log::LevelFilter::Warn, Duration::from_secs(1));
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options)
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

/// "Contains this text" for `LIKE`, whose own signs in the text mean themselves.
pub fn contains_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for sign in text.chars() {
        if matches!(sign, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(sign);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_a_pattern_mean_themselves() {
        assert_eq!(contains_pattern(r"50%_a\b"), r"%50\%\_a\\b%");
    }

    #[test]
    fn a_bad_url_is_refused_without_being_repeated() {
        let error = options("postgres://ana:hunter2@[").unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
