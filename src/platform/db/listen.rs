//! Connections that listen for notifications of the database.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::time::{Instant, sleep};

use super::connect::{listening, set_application_role};

/// A database that takes longer to answer counts as unavailable.
pub const DATABASE_TIMEOUT: Duration = Duration::from_secs(5);
const MIN_BACKOFF: Duration = Duration::from_millis(200);
const MAX_BACKOFF: Duration = Duration::from_secs(5);

/// A connection that listens on the channel and does not reconnect by itself. Postgres lists it by this name.
pub async fn listener(options: PgConnectOptions, name: &str, channel: &str) -> sqlx::Result<PgListener> {
    // A separate pool, because a listener would permanently take a connection from requests.
    let pool = PgPoolOptions::new()
        .after_connect(|connection, _| Box::pin(set_application_role(connection)))
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .acquire_timeout(DATABASE_TIMEOUT)
        .connect_lazy_with(listening(options, name));
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    listener.listen(channel).await?;
    Ok(listener)
}

/// Listens again whenever the connection is lost.
pub async fn keep_listening<F: Future<Output = sqlx::Result<()>>>(
    channel: &str,
    mut listen_once: impl FnMut() -> F,
) {
    let mut backoff = MIN_BACKOFF;
    loop {
        let started = Instant::now();
        match listen_once().await {
            Ok(()) => tracing::warn!(channel, "the connection for notifications was lost; reconnecting"),
            Err(error) => tracing::warn!(channel, %error, "notifications are unavailable; reconnecting"),
        }
        if started.elapsed() > MAX_BACKOFF {
            backoff = MIN_BACKOFF;
        }
        sleep(backoff).await;
        backoff = (backoff * 2).min(MAX_BACKOFF);
    }
}
