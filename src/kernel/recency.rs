//! Whether a recorded moment is past, and how long ago, where the clock that recorded it may have been wrong.

use chrono::{DateTime, TimeDelta, Utc};

/// By how much the clocks of two machines that serve one desk may differ.
pub const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(5);

/// Is this moment still to come, by more than clocks differ? It was recorded while a clock was wrong, and
/// nothing is to be concluded from it.
pub fn is_from_the_future(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    at - now > CLOCKS_DIFFER
}

/// Has this happened, and less than so long ago?
pub fn is_recent(at: DateTime<Utc>, span: TimeDelta, now: DateTime<Utc>) -> bool {
    !is_from_the_future(at, now) && now - at < span
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recorded_for_the_future_is_not_recent() {
        let now: DateTime<Utc> = "2026-05-28T09:15:00Z".parse().unwrap();
        let recent = |minutes| is_recent(now + TimeDelta::minutes(minutes), TimeDelta::hours(1), now);
        assert_eq!(
            [-61, -60, -59, 0, 5, 6, 72_000].map(recent),
            [false, false, true, true, true, false, false]
        );
    }
}
