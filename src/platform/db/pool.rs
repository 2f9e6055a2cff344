//! The server's connections: as many as are set, each with its timeouts, and in a role that owns nothing.

use std::sync::Once;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgRow};
use sqlx::{ConnectOptions, Executor as _, PgConnection, PgPool, Row};

use crate::platform::db::availability;
use crate::platform::failure::note_refused_change;

/// A request that gets no connection within this time is answered "unavailable" instead of waiting.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(1500);
/// A connection unused for longer is asked whether its server still takes changes before it is handed out.
/// Asking each time would cost every request a round trip.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// How the server gets at its database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionMode {
    /// Each connection is one of Postgres' own, set up when it is made.
    Direct,
    /// Each transaction may be on another connection (PgBouncer's pool_mode `transaction`): what is set on
    /// one would be found by others, so the login itself must be set up.
    Pooled,
}

impl ConnectionMode {
    /// How each of the server's connections is made.
    pub fn options(self, options: PgConnectOptions) -> PgConnectOptions {
        match self {
            Self::Direct => with_timeouts(options),
            Self::Pooled => logged(options.extra_float_digits(None)),
        }
    }
}

/// Makes a pool without connecting: the server starts, and answers "unavailable", while the
/// database is away. Its statements have all the rights of the login.
pub fn pool(options: PgConnectOptions, max_connections: u32) -> PgPool {
    pool_options(max_connections).connect_lazy_with(with_timeouts(options))
}

/// The same for what serves strangers, whose statements may do no more than the product does.
pub fn serving_pool(options: PgConnectOptions, max_connections: u32, reach: ConnectionMode) -> PgPool {
    let pool = pool_options(max_connections);
    let pool = match reach {
        ConnectionMode::Direct => {
            pool.after_connect(|connection, _| Box::pin(set_application_role(connection)))
        }
        ConnectionMode::Pooled => pool.after_connect(|connection, _| Box::pin(check_login(connection))),
    };
    pool.connect_lazy_with(reach.options(options))
}

/// For a connection of one's own, on which one hears what the database tells.
pub fn listening(options: PgConnectOptions) -> PgConnectOptions {
    with_timeouts(options).application_name("groupdesk live").disable_statement_logging()
}

fn with_timeouts(options: PgConnectOptions) -> PgConnectOptions {
    logged(options)
        .options([("statement_timeout", "15s"), ("lock_timeout", "5s"), ("timezone", "UTC")])
        .options(availability::WHEN_WE_ARE_LOST)
}

fn logged(options: PgConnectOptions) -> PgConnectOptions {
    options.application_name("groupdesk").log_slow_statements(log::LevelFilter::Warn, Duration::from_secs(1))
}

fn pool_options(max_connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                let is_left = meta.idle_for > TRUSTED_IDLE && only_reads(connection).await?;
                if is_left {
                    // After a failover a new connection may lead to the new primary.
                    note_refused_change();
                }
                Ok(!is_left)
            })
        })
}

/// Does its server refuse every change, as a standby does, or one that was made read-only?
pub(super) async fn only_reads(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let Some(row) = row(connection, "SHOW transaction_read_only").await? else { return Ok(false) };
    Ok(row.try_get::<String, _>(0)? == "on")
}

/// Nothing, where the role is not there (the database is another version's), or is not this login's to take.
const STEP_DOWN: &str = "SELECT set_config('role', r.rolname, false) FROM pg_catalog.pg_roles r
     WHERE r.rolname = 'groupdesk_app'
       AND pg_has_role(session_user, r.oid,
                       CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)
       AND has_schema_privilege(r.oid, to_regnamespace('groupdesk')::oid, 'USAGE')";

/// Gives up what the server does not need: none of its statements can rewrite the log or change a table. It
/// could take it all back by a statement, so this is a rail and no wall; the wall is a login that has no more
/// (see "Behind PgBouncer" in docs/operations.md, which works without one).
///
/// # Errors
/// Those of the connection.
pub async fn set_application_role(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    if row(connection, STEP_DOWN).await?.is_none() {
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

async fn check_login(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let Some(row) = row(connection, LOGIN).await? else { return Ok(()) };
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

/// By the simple protocol: no statement of it is left prepared.
async fn row(connection: &mut PgConnection, statement: &'static str) -> Result<Option<PgRow>, sqlx::Error> {
    connection.fetch_optional(statement).await
}

/// Not for each connection.
fn warn_once(what: &str) {
    static WARNED: Once = Once::new();
    WARNED.call_once(|| tracing::warn!("{what}"));
}
