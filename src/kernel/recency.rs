//! Recorded moments, where the clock that recorded them may have been wrong.

use chrono::{DateTime, TimeDelta, Utc};

/// The largest expected difference between the clocks of two machines that run groupdesk.
pub const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// A moment further ahead than clocks differ was recorded by a wrong clock, so nothing can be concluded from it.
pub fn is_from_the_future(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at - now > MAX_CLOCK_SKEW
}

/// Is this moment less than `span` ago?
pub fn is_recent(at: DateTime<Utc>, span: TimeDelta, now: DateTime<Utc>) -> bool {
    !is_from_the_future(at, now) && now - at < span
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_in_the_future_are_not_recent() {
        let now: DateTime<Utc> = "2026-05-28T09:15:00Z".parse().unwrap();
        let recent = |minutes| is_recent(now + TimeDelta::minutes(minutes), TimeDelta::hours(1), now);
        assert_eq!(
            [-61, -60, -59, 0, 5, 6, 72_000].map(recent),
            [false, false, true, true, true, false, false]
        );
    }
}
