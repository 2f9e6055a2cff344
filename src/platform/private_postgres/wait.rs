//! Waiting with an end, and not in silence.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::error::{Result, failed};

const LOOK_EVERY: Duration = Duration::from_millis(50);
/// After this time a line in the log says what is waited for.
const FIRST_WORD: Duration = Duration::from_secs(2);
/// It is repeated at this interval.
const NEXT_WORD: Duration = Duration::from_secs(10);

pub(super) struct Wait {
    since: Instant,
    patience: Duration,
    next_word: Instant,
}

impl Wait {
    pub(super) fn of(patience: Duration) -> Self {
        let since = Instant::now();
        Self { since, patience, next_word: since + FIRST_WORD }
    }

    pub(super) fn has_lasted(&self, time: Duration) -> bool {
        self.since.elapsed() >= time
    }

    /// Waits a moment.
    ///
    /// # Errors
    /// The time is up; `why` is what it was waiting for.
    pub(super) async fn on(&mut self, why: impl Fn() -> String) -> Result<()> {
        if self.since.elapsed() >= self.patience {
            return Err(failed(format!("gave up after {} s: {}", self.since.elapsed().as_secs(), why())));
        }
        self.say(why);
        sleep(LOOK_EVERY).await;
        Ok(())
    }

    /// Waits for the end of something that has a time limit of its own.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>, why: impl Fn() -> String) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done,
                () = sleep(LOOK_EVERY) => self.say(&why),
            }
        }
    }

    fn say(&mut self, why: impl Fn() -> String) {
        let now = Instant::now();
        if now >= self.next_word {
            self.next_word = now + NEXT_WORD;
            tracing::warn!(waited_s = self.since.elapsed().as_secs(), "waiting: {}", why());
        }
    }
}
