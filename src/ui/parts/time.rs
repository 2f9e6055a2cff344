//! Moments as people read them.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use leptos::prelude::*;

use crate::ui::viewer::Viewer;

/// A moment: how long ago, and when. The exact instant is in `datetime` and on hover.
#[component]
pub fn Moment(at: DateTime<Utc>) -> impl IntoView {
    let ago = ago(at, Viewer::current().now);
    let instant = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    view! {
        <time class="moment" datetime=instant.clone() title=instant>
            <span class="moment__when">{at.format("%-d %b %Y, %H:%M UTC").to_string()}</span>
            " "
            <span class="moment__ago">{ago}</span>
        </time>
    }
}

/// `just now`, `3 min ago`, `2 h ago`, `5 days ago`, `7 months ago`, `2 years ago`.
fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let passed = (now - at).max(TimeDelta::zero());
    let plural =
        |number: i64, unit: &str| format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" });
    let (minutes, hours, days) = (passed.num_minutes(), passed.num_hours(), passed.num_days());
    if minutes < 1 {
        "just now".to_owned()
    } else if hours < 1 {
        format!("{minutes} min ago")
    } else if days < 1 {
        format!("{hours} h ago")
    } else if days < 60 {
        plural(days, "day")
    } else if days < 730 {
        plural(days / 30, "month")
    } else {
        plural(days / 365, "year")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_past_is_told_roughly() {
        let now: DateTime<Utc> = "2026-05-28T09:15:00Z".parse().unwrap();
        let told = |passed| ago(now - passed, now);
        assert_eq!(told(TimeDelta::seconds(59)), "just now");
        assert_eq!(told(TimeDelta::seconds(-5)), "just now");
        assert_eq!(told(TimeDelta::minutes(3)), "3 min ago");
        assert_eq!(told(TimeDelta::hours(23)), "23 h ago");
        assert_eq!(told(TimeDelta::days(1)), "1 day ago");
        assert_eq!(told(TimeDelta::days(100)), "3 months ago");
        assert_eq!(told(TimeDelta::days(800)), "2 years ago");
    }
}
