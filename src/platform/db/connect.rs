//! How the database is reached: its URL, TLS, timeouts, and a role that owns nothing.

use std::error::Error;
use std::str::FromStr;
use std::sync::Once;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgConnection, PgPool, Row};
use tokio::time::timeout;

use crate::platform::failure::note_refused_change;

const FORM: &str = "the database URL is not of the form postgres://user:password@host:port/name";
const HOSTS: &str = "several servers are named before the database's name, as in \
                     postgres://user:password@one:5432,two:5432/name";

/// The servers of a `postgres://` URL. The error contains no part of the URL, which may hold a password.
pub fn servers(url: &str) -> Result<Vec<PgConnectOptions>, String> {
    servers_for(url, &["read-write", "primary", "any"])
}

/// Like [`servers`], for standbys.
pub fn standbys(url: &str) -> Result<Vec<PgConnectOptions>, String> {
    servers_for(url, &["read-only", "standby", "prefer-standby", "any"])
}

fn servers_for(url: &str, session_attributes: &[&str]) -> Result<Vec<PgConnectOptions>, String> {
    let (scheme, rest) = url.split_once("://").ok_or(FORM)?;
    if !["postgres", "postgresql"].contains(&scheme) {
        return Err(FORM.to_owned());
    }
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let path = without_session_attributes(path, session_attributes)?;
    let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
    let server = |host: &str| {
        let is_empty = host.is_empty() && hosts.contains(',');
        PgConnectOptions::from_str(&format!("{scheme}://{user}{host}{path}"))
            .ok()
            .filter(|options| !is_empty && !options.get_host().contains(','))
            .ok_or_else(|| if url.contains(',') { HOSTS } else { FORM }.to_owned())
    };
    hosts.split(',').map(server).collect()
}

/// Checks and drops `target_session_attrs`: which server is the primary is found out anyway.
fn without_session_attributes(path: &str, accepted: &[&str]) -> Result<String, String> {
    let Some((path, query)) = path.split_once('?') else { return Ok(path.to_owned()) };
    let mut others = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("target_session_attrs", value)) if accepted.contains(&value) => {}
            Some(("target_session_attrs", _)) => {
                return Err(format!("target_session_attrs is one of {}, or left out", accepted.join(", ")));
            }
            Some(_) | None => others.push(pair),
        }
    }
    Ok(format!("{path}?{}", others.join("&")))
}

/// A slower server is left to the next connection, which has other limits.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Returns options with which connections succeed: without TLS if it is only preferred and does not work.
pub async fn resolve_tls(options: PgConnectOptions) -> Result<PgConnectOptions, String> {
    let is_local = options.get_socket().is_some() || options.get_host().starts_with('/');
    if is_local || matches!(options.get_ssl_mode(), PgSslMode::Disable | PgSslMode::Allow) {
        return Ok(options);
    }
    let fault = match timeout(CONNECT_TIMEOUT, options.connect()).await {
        Ok(Ok(connection)) => {
            // An orderly close only keeps a line out of the server's log.
            let _ = connection.close().await;
            return Ok(options);
        }
        Ok(Err(error)) if is_tls(&error) => error,
        Ok(Err(_)) | Err(_) => return Ok(options),
    };
    let remedy = if fault.to_string().contains("UnsupportedCertVersion") {
        ". Its certificate is of version 1 of X.509: make one of version 3"
    } else {
        ""
    };
    if !may_do_without(&options, &fault) {
        return Err(format!("the database's TLS does not work, which its sslmode requires: {fault}{remedy}"));
    }
    tracing::warn!("the database's TLS does not work, so it is not used (sslmode=prefer): {fault}{remedy}");
    Ok(options.ssl_mode(PgSslMode::Disable))
}

pub(super) fn may_do_without(options: &PgConnectOptions, error: &sqlx::Error) -> bool {
    matches!(options.get_ssl_mode(), PgSslMode::Prefer) && is_tls(error)
}

/// Whether TLS failed, and not the connection below it or the login above it.
fn is_tls(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Tls(_) => true,
        sqlx::Error::Io(error) => error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>),
        _ => false,
    }
}

pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_millis(1500);
/// A connection that was idle for longer is checked for a read-only server. A check each time would cost a round trip.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// Time limits of statements and locks, and of connections that groupdesk has lost: Postgres ends an idle transaction,
/// which releases its locks, and closes dead connections.
///
/// Plans are made once for each statement and connection. Otherwise Postgres plans a statement with lists of ids each time,
/// because it expects ten ids where there is one, and that is half of the cost of a change.
///
/// A page that is read in any order costs about the same as the next one, because all statements read few pages through
/// indexes, which are in memory. By default Postgres assumes a slow disk and scans tables of a few hundred rows, for each
/// foreign key as well, which is a third of the cost of a change.
const SESSION_SETTINGS: [(&str, &str); 10] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("random_page_cost", "1.1"),
    ("statement_timeout", "15s"),
    ("lock_timeout", "5s"),
    ("timezone", "UTC"),
    ("idle_in_transaction_session_timeout", "5s"),
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "30s"),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionMode {
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

/// A pool whose statements have all privileges of the login. It connects when it is used.
pub fn pool(options: PgConnectOptions, max_connections: u32) -> PgPool {
    pool_options(max_connections).connect_lazy_with(with_timeouts(options))
}

/// Like [`pool`], for the server, with only the privileges of the application role.
pub fn serving_pool(options: PgConnectOptions, max_connections: u32, mode: ConnectionMode) -> PgPool {
    let pool =
        pool_options(max_connections).after_connect(move |connection, _| Box::pin(prepare(connection, mode)));
    pool.connect_lazy_with(mode.options(options))
}

pub(super) async fn prepare(connection: &mut PgConnection, mode: ConnectionMode) -> sqlx::Result<()> {
    match mode {
        ConnectionMode::Direct => set_application_role(connection).await,
        ConnectionMode::Pooled => check_login(connection).await,
    }
}

pub(super) fn listening(options: PgConnectOptions, name: &str) -> PgConnectOptions {
    with_timeouts(options).application_name(name).disable_statement_logging()
}

fn with_timeouts(options: PgConnectOptions) -> PgConnectOptions {
    with_logging(options).options(SESSION_SETTINGS)
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

/// Whether the server refuses every change, because it is a standby or was made read-only. This statement and those
/// below use the simple protocol, which leaves no prepared statement behind.
pub async fn is_read_only(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let row = connection.fetch_one("SHOW transaction_read_only").await?;
    Ok(row.try_get::<&str, _>(0)? == "on")
}

/// Returns no row if the role does not exist (the database belongs to another version), or if the login may not take it.
const SET_ROLE: &str = "SELECT set_config('role', r.rolname, false) FROM pg_catalog.pg_roles r
     WHERE r.rolname = 'groupdesk_app'
       AND pg_has_role(session_user, r.oid,
                       CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)
       AND has_schema_privilege(r.oid, to_regnamespace('groupdesk')::oid, 'USAGE')";

/// Gives up the privileges that the server does not need, such as to rewrite the log. A statement could take them back; a
/// login without them protects against more ("Behind PgBouncer" in docs/operations.md, also without a pooler).
pub(super) async fn set_application_role(connection: &mut PgConnection) -> sqlx::Result<()> {
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
    let (has_timeouts, owns_tables): (bool, bool) = (row.try_get(0)?, row.try_get(1)?);
    if !has_timeouts {
        let why = "the login by which the pooler is reached has no statement_timeout or no lock_timeout";
        tracing::error!("{why}: set them with ALTER ROLE … SET");
        return Err(sqlx::Error::Configuration(why.into()));
    }
    if owns_tables {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoints(url: &str) -> Vec<(String, u16)> {
        let servers = servers(url).unwrap();
        servers.iter().map(|server| (server.get_host().to_owned(), server.get_port())).collect()
    }

    #[test]
    fn the_refusal_of_a_bad_url_does_not_repeat_it() {
        for url in [
            "postgres://ana:hunter2@[",
            "mysql://ana:hunter2@db/desk",
            "hunter2",
            "postgres://ana:hunter2@one:x,two/desk",
            "postgres://ana:hunter2@one,,two/desk",
            "postgres://ana:hunter2@/desk?host=one,two",
            "postgres://ana:hunter2@one/desk?target_session_attrs=standby",
        ] {
            let error = servers(url).unwrap_err();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_url_names_one_or_several_servers() {
        let endpoint = |host: &str, port| (host.to_owned(), port);
        assert_eq!(endpoints("postgres://ana@db.example.com/desk"), [endpoint("db.example.com", 5432)]);
        assert_eq!(
            endpoints("postgres://ana:a%40b@one:6432,[::1]:7432,two/desk?sslmode=require"),
            [endpoint("one", 6432), endpoint("[::1]", 7432), endpoint("two", 5432)]
        );
        let servers = servers("postgresql://ana@one,two/desk?target_session_attrs=read-write").unwrap();
        assert!(servers.iter().all(|server| server.get_database() == Some("desk")));
        assert!(servers.iter().all(|server| server.get_username() == "ana"));
    }

    #[test]
    fn a_url_may_name_a_socket() {
        let servers = servers("postgres://ana@localhost/desk?host=/run/postgresql").unwrap();
        assert_eq!(servers.len(), 1);
        assert_eq!(servers[0].get_socket().and_then(|path| path.to_str()), Some("/run/postgresql"));
    }
}
