//! TLS to the database, if the two ends do not agree on it. `sslmode=prefer`, the default, means TLS if possible and
//! otherwise a plain connection (PostgreSQL documentation, section 34.19.1), but sqlx falls back only if a server offers no
//! TLS, and not for a certificate that rustls does not read (X.509 version 1, which libpq accepts).

use std::error::Error;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection as _};
use tokio::time::timeout;

/// A slower server is left to the next connection, which has other limits.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Returns options with which connections succeed: without TLS if it is only preferred and does not work. The error is a
/// sentence.
pub async fn resolve(options: PgConnectOptions) -> Result<PgConnectOptions, String> {
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
