//! Keeps the server running as long as this process uses it: a server that was killed, or that stopped on a full disk, is
//! started again.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::server::Server;

const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// The limit of growing pauses, and so of the outage after its cause is gone.
const MAX_PAUSE: Duration = Duration::from_secs(15);
/// A server that ran for this time did not fail at its start.
const STABLE_AFTER: Duration = Duration::from_mins(1);

/// Runs until it is aborted.
pub(super) async fn keep_running(server: Arc<Server>) {
    let (mut pause, mut up_since) = (Duration::ZERO, Instant::now());
    loop {
        sleep(CHECK_INTERVAL).await;
        let log = Arc::clone(&server);
        // An error means that it was aborted.
        let _ = tokio::task::spawn_blocking(move || log.truncate_log()).await;
        if server.socket.has_listener().await {
            continue;
        }
        if up_since.elapsed() > STABLE_AFTER {
            pause = Duration::ZERO;
        }
        tracing::error!("the private Postgres has ended; it is started again");
        loop {
            sleep(pause).await;
            pause = longer(pause);
            match server.restart().await {
                Ok(()) => break,
                Err(error) => tracing::error!(%error, "the private Postgres could not be started again"),
            }
        }
        tracing::info!("the private Postgres runs again");
        up_since = Instant::now();
    }
}

/// The backoff after this one.
fn longer(pause: Duration) -> Duration {
    (pause * 2).clamp(Duration::from_secs(1), MAX_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit() {
        let pauses = std::iter::successors(Some(Duration::ZERO), |pause| Some(longer(*pause)));
        let seconds: Vec<u64> = pauses.take(7).map(|pause| pause.as_secs()).collect();
        assert_eq!(seconds, [0, 1, 2, 4, 8, 15, 15]);
    }
}
