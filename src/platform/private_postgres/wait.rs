//! Waits that have a limit and report in the log what they wait for.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::error::Result;

const CHECK_INTERVAL: Duration = Duration::from_millis(50);
/// When the log first says what the wait is for, and how often it repeats that.
const FIRST_REPORT: Duration = Duration::from_secs(2);
const REPORT_INTERVAL: Duration = Duration::from_secs(10);

pub(super) struct Wait {
    since: Instant,
    limit: Duration,
    next_report: Instant,
}

impl Wait {
    pub(super) fn up_to(limit: Duration) -> Self {
        let since = Instant::now();
        Self { since, limit, next_report: since + FIRST_REPORT }
    }

    pub(super) fn has_lasted(&self, time: Duration) -> bool {
        self.since.elapsed() >= time
    }

    /// # Errors
    /// The limit is reached; the error contains the reason of the wait.
    pub(super) async fn next(&mut self, reason: impl Fn() -> String) -> Result<()> {
        if self.has_lasted(self.limit) {
            return Err(format!("gave up after {} s: {}", self.since.elapsed().as_secs(), reason()));
        }
        self.report(reason);
        sleep(CHECK_INTERVAL).await;
        Ok(())
    }

    /// Waits for the end of work, without a limit.
    pub(super) async fn during<T>(mut self, work: impl Future<Output = T>, reason: impl Fn() -> String) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            match timeout(CHECK_INTERVAL, &mut work).await {
                Ok(done) => return done,
                Err(_) => self.report(&reason),
            }
        }
    }

    fn report(&mut self, reason: impl Fn() -> String) {
        let now = Instant::now();
        if now >= self.next_report {
            self.next_report = now + REPORT_INTERVAL;
            tracing::warn!(waited_s = self.since.elapsed().as_secs(), "waiting: {}", reason());
        }
    }
}
