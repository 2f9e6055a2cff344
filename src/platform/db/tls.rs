//! TLS on the way to the database, where the two ends do not agree on it.
//!
//! `sslmode=prefer`, the default, means TLS where it can be had and a plain connection where it cannot (PostgreSQL
//! documentation, section 34.19.1). The library takes the second half to be about servers that offer no TLS. A
//! server whose certificate it cannot read (version 1 of X.509, which `openssl` made for long and libpq accepts)
//! would be out of reach by the default address.

use std::error::Error;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection as _};
use tokio::time::timeout;

/// A server that takes longer to answer is left to whatever connects next, which has limits of its own.
const PATIENCE: Duration = Duration::from_secs(5);

/// The options with which connections can be made: without TLS where it is preferred only, and does not work. One
/// connection is made to find that out; what else may be wrong with the database is not said here.
///
/// # Errors
/// TLS is required, and does not work: a sentence that says so.
pub async fn settle(options: PgConnectOptions) -> Result<PgConnectOptions, String> {
    let is_local = options.get_socket().is_some() || options.get_host().starts_with('/');
    let may_do_without = match options.get_ssl_mode() {
        // Without TLS anyway.
        PgSslMode::Disable | PgSslMode::Allow => return Ok(options),
        PgSslMode::Prefer => true,
        PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull => false,
    };
    if is_local {
        return Ok(options);
    }
    let fault = match timeout(PATIENCE, options.connect()).await {
        Ok(Ok(connection)) => {
            // It was for finding out; that it is closed in good order matters to the server's log alone.
            let _ = connection.close().await;
            return Ok(options);
        }
        Ok(Err(error)) if is_tls(&error) => error,
        Ok(Err(_)) | Err(_) => return Ok(options),
    };
    let remedy = remedy(&fault);
    if !may_do_without {
        return Err(format!("the database's TLS does not work, which its sslmode requires: {fault}{remedy}"));
    }
    tracing::warn!("the database's TLS does not work, so it is not used (sslmode=prefer): {fault}{remedy}");
    Ok(options.ssl_mode(PgSslMode::Disable))
}

/// Did TLS fail where it is preferred only? Then a connection without it is tried.
pub(super) fn may_do_without(options: &PgConnectOptions, error: &sqlx::Error) -> bool {
    matches!(options.get_ssl_mode(), PgSslMode::Prefer) && is_tls(error)
}

/// Is it TLS that failed, and not the connection below or the login above?
fn is_tls(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Tls(_) => true,
        sqlx::Error::Io(error) => error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>),
        _ => false,
    }
}

fn remedy(error: &sqlx::Error) -> &'static str {
    if error.to_string().contains("UnsupportedCertVersion") {
        ". Its certificate is of version 1 of X.509: make one of version 3"
    } else {
        ""
    }
}
