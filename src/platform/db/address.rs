//! How the database is reached: its URL, and TLS.

use std::error::Error;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::timeout;

const FORM: &str = "the database URL is not of the form postgres://user:password@host:port/name";
const HOSTS: &str = "several servers are named before the database's name, as in \
                     postgres://user:password@one:5432,two:5432/name";
const READERS: &str = "the database URL asks for a server that only reads: target_session_attrs is read-write, \
                       primary or any, or left out";

/// The servers of a `postgres://` URL. The error contains no part of the URL, which may hold a password.
pub fn servers(url: &str) -> Result<Vec<PgConnectOptions>, String> {
    let (scheme, rest) = url.split_once("://").ok_or(FORM)?;
    if !["postgres", "postgresql"].contains(&scheme) {
        return Err(FORM.to_owned());
    }
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let path = without_session_attributes(path)?;
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

/// Checks and drops `target_session_attrs`: the server always needs a database that accepts changes.
fn without_session_attributes(path: &str) -> Result<String, String> {
    let Some((path, query)) = path.split_once('?') else { return Ok(path.to_owned()) };
    let mut others = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("target_session_attrs", "read-write" | "primary" | "any")) => {}
            Some(("target_session_attrs", _)) => return Err(READERS.to_owned()),
            Some(_) | None => others.push(pair),
        }
    }
    Ok(format!("{path}?{}", others.join("&")))
}

/// A slower server is left to the next connection, which has other limits.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Returns options with which connections succeed: without TLS if it is only preferred and does not work. The error is a
/// sentence.
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

/// Whether TLS failed that is only preferred, so that a plain connection is worth a try.
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
