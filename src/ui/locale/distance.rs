//! How long ago something happened. The server writes it, and `islands/page_enhancements.rs` keeps it up to date.

/// A count and its unit, as `Intl.RelativeTimeFormat` takes them. Negative in the past; `None` below a minute.
pub fn distance(seconds: i64) -> Option<(i64, &'static str)> {
    const UNITS: [(i64, i64, &str); 5] = [
        // The smallest number of seconds for the unit, and the seconds in one.
        (63_072_000, 31_536_000, "year"),
        (5_184_000, 2_592_000, "month"),
        (86_400, 86_400, "day"),
        (3_600, 3_600, "hour"),
        (60, 60, "minute"),
    ];
    let (_, part, unit) = UNITS.iter().find(|(from, _, _)| seconds.abs() >= *from)?;
    Some((seconds / part, unit))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_distance_is_rounded_to_the_largest_unit() {
        let distance_of = |passed: TimeDelta| distance(-passed.num_seconds());
        assert_eq!(distance_of(TimeDelta::seconds(59)), None);
        assert_eq!(distance_of(TimeDelta::seconds(-5)), None);
        assert_eq!(distance_of(TimeDelta::minutes(3)), Some((-3, "minute")));
        assert_eq!(distance_of(TimeDelta::hours(23)), Some((-23, "hour")));
        assert_eq!(distance_of(TimeDelta::days(1)), Some((-1, "day")));
        assert_eq!(distance_of(TimeDelta::days(100)), Some((-3, "month")));
        assert_eq!(distance_of(TimeDelta::days(800)), Some((-2, "year")));
        assert_eq!(distance_of(TimeDelta::days(-3)), Some((3, "day")));
    }
}
