//! How long ago something was, as the server says it in a page and `islands/everywhere.rs` counts it on.

/// A number of seconds as people say it: a count and its unit, as `Intl.RelativeTimeFormat` takes them. Negative in
/// the past; `None` below a minute.
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
    fn a_distance_is_told_roughly() {
        let told = |passed: TimeDelta| distance(-passed.num_seconds());
        assert_eq!(told(TimeDelta::seconds(59)), None);
        assert_eq!(told(TimeDelta::seconds(-5)), None);
        assert_eq!(told(TimeDelta::minutes(3)), Some((-3, "minute")));
        assert_eq!(told(TimeDelta::hours(23)), Some((-23, "hour")));
        assert_eq!(told(TimeDelta::days(1)), Some((-1, "day")));
        assert_eq!(told(TimeDelta::days(100)), Some((-3, "month")));
        assert_eq!(told(TimeDelta::days(800)), Some((-2, "year")));
        assert_eq!(told(TimeDelta::days(-3)), Some((3, "day")));
    }
}
