//! Keeps the server running for as long as this process uses it: one that was killed, or that ended on a full
//! disk, is started again.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::server::Layout;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Pauses grow to this. It is also the longest that the desk stays away after the cause is gone.
const LONGEST: Duration = Duration::from_secs(15);
/// A server that ran for so long did not fail at its start.
const STEADY: Duration = Duration::from_mins(1);

/// Until it is aborted.
pub(super) async fn keep(layout: Arc<Layout>) {
    let mut pauses = Pauses::default();
    let mut up_since = Instant::now();
    loop {
        sleep(LOOK_EVERY).await;
        let log = Arc::clone(&layout);
        // An error: it was aborted.
        let _ = tokio::task::spawn_blocking(move || log.bound_log()).await;
        if layout.socket.is_listened_to().await {
            continue;
        }
        if up_since.elapsed() > STEADY {
            pauses = Pauses::default();
        }
        tracing::error!("the private Postgres has ended; it is started again");
        loop {
            sleep(pauses.next()).await;
            match layout.revive().await {
                Ok(()) => break,
                Err(error) => tracing::error!(%error, "the private Postgres could not be started again"),
            }
        }
        tracing::info!("the private Postgres runs again");
        up_since = Instant::now();
    }
}

/// How long to wait before the next attempt: not at all, then longer each time.
#[derive(Default)]
struct Pauses {
    next: Duration,
}

impl Pauses {
    fn next(&mut self) -> Duration {
        let now = self.next;
        self.next = (now * 2).clamp(Duration::from_secs(1), LONGEST);
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_limit() {
        let mut pauses = Pauses::default();
        let seconds: Vec<u64> = (0..7).map(|_| pauses.next().as_secs()).collect();
        assert_eq!(seconds, [0, 1, 2, 4, 8, 15, 15]);
    }
}
