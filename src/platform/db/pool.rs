//! The server's connections, with their timeouts, in a role that owns nothing.

use std::sync::Once;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Executor as _, PgConnection, PgPool, Row};

use crate::platform::failure::note_refused_change;

/// A request that gets no connection within this time is answered "unavailable".
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(1500);
/// A connection that was idle for longer is checked for a read-only server before it is handed out. A check each time
/// would cost every request a round trip.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

const STATEMENT_LIMITS: [(&str, &str); 3] =
    [("statement_timeout", "15s"), ("lock_timeout", "5s"), ("timezone", "UTC")];
/// Timeouts for the database if it loses us: an idle transaction ends together with its locks, and a dead connection
/// is closed, so that those of a lost network do not accumulate.
const SERVER_SIDE_TIMEOUTS: [(&str, &str); 5] = [
    ("idle_in_transaction_session_timeout", "5s"),
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "30s"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionMode {
    /// Each connection is one Postgres session, set up when it is made.
    Direct,
    /// Each transaction may run in another session (PgBouncer with `pool_mode = transaction`). Settings would affect
    /// other clients, so the login itself must be set up.
    Pooled,
}

impl ConnectionMode {
    pub fn options(self, options: PgConnectOptions) -> PgConnectOptions {
        match self {
            Self::Direct => with_timeouts(options),
            Self::Pooled => with_logging(options.extra_float_digits(None)),
        }
    }
}

/// Makes a pool without connecting, so that the server can start while the database is unavailable. Its statements
/// have all privileges of the login.
pub fn pool(options: PgConnectOptions, max_connections: u32) -> PgPool {
    pool_options(max_connections).connect_lazy_with(with_timeouts(options))
}

/// Like [`pool`], for the server. Its statements have only the privileges of the application role.
pub fn serving_pool(options: PgConnectOptions, max_connections: u32, mode: ConnectionMode) -> PgPool {
    let pool = pool_options(max_connections).after_connect(move |connection, _| match mode {
        ConnectionMode::Direct => Box::pin(set_application_role(connection)),
        ConnectionMode::Pooled => Box::pin(check_login(connection)),
    });
    pool.connect_lazy_with(mode.options(options))
}

pub fn listening(options: PgConnectOptions) -> PgConnectOptions {
    with_timeouts(options).application_name("groupdesk live").disable_statement_logging()
}

fn with_timeouts(options: PgConnectOptions) -> PgConnectOptions {
    with_logging(options).options(STATEMENT_LIMITS).options(SERVER_SIDE_TIMEOUTS)
}

fn with_logging(options: PgConnectOptions) -> PgConnectOptions {
    options.application_name("groupdesk").log_slow_statements(log::LevelFilter::Warn, Duration::from_secs(1))
}

fn pool_options(max_connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                let is_stale = meta.idle_for > TRUSTED_IDLE && is_read_only(connection).await?;
                if is_stale {
                    // After a failover a new connection may lead to the new primary.
                    note_refused_change();
                }
                Ok(!is_stale)
            })
        })
}

/// Whether the server refuses every change, as a standby does, or one that was made read-only. This and the statements
/// below use the simple protocol, which leaves no prepared statement behind.
pub(super) async fn is_read_only(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let row = connection.fetch_one("SHOW transaction_read_only").await?;
    Ok(row.try_get::<&str, _>(0)? == "on")
}

/// Returns no row if the role does not exist (the database belongs to another version), or if the login may not take it.
const SET_ROLE: &str = "SELECT set_config('role', r.rolname, false) FROM pg_catalog.pg_roles r
     WHERE r.rolname = 'groupdesk_app'
       AND pg_has_role(session_user, r.oid,
                       CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)
       AND has_schema_privilege(r.oid, to_regnamespace('groupdesk')::oid, 'USAGE')";

/// Gives up the privileges that the server does not need: none of its statements can rewrite the log or alter a table.
/// A statement could take the privileges back, so this protects against mistakes only. A login without them protects
/// against more (see "Behind PgBouncer" in docs/operations.md, which also works without a pooler).
pub async fn set_application_role(connection: &mut PgConnection) -> sqlx::Result<()> {
    if connection.fetch_optional(SET_ROLE).await?.is_none() {
        warn_once(
            "the login may not become groupdesk_app: the server runs with all the rights that the login has",
        );
    }
    Ok(())
}

const LOGIN: &str =
    "SELECT current_setting('statement_timeout') <> '0' AND current_setting('lock_timeout') <> '0',
            coalesce((SELECT pg_has_role(current_user, c.relowner, 'USAGE') FROM pg_catalog.pg_class c
                      WHERE c.oid = to_regclass('groupdesk.enrollment_events')), false)";

async fn check_login(connection: &mut PgConnection) -> sqlx::Result<()> {
    let row = connection.fetch_one(LOGIN).await?;
    if !row.try_get::<bool, _>(0)? {
        let why = "the login by which the pooler is reached has no statement_timeout or no lock_timeout";
        tracing::error!("{why}: set them with ALTER ROLE … SET");
        return Err(sqlx::Error::Configuration(why.into()));
    }
    if row.try_get::<bool, _>(1)? {
        warn_once(
            "the login by which the pooler is reached owns the tables: make one that is only a member of groupdesk_app",
        );
    }
    Ok(())
}

fn warn_once(message: &str) {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| tracing::warn!("{message}"));
}
