//! Days of the viewer's calendar as spans of time, and what fields for a day and a time hold.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};

use crate::ui::components::date_time_fields::DayTime;
use crate::ui::locale::viewer_locale::ViewerLocale;

impl ViewerLocale {
    /// The day that this moment is part of.
    pub fn day_of(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    /// The first moment of a day.
    pub fn start_of(self, day: NaiveDate) -> Option<DateTime<Utc>> {
        self.read(&day.to_string())
    }

    /// The last so many days up to the one that is now, each by its first moment, and the first of
    /// tomorrow.
    pub fn last_days(self, number: u16, now: DateTime<Utc>) -> (Vec<NaiveDate>, Vec<DateTime<Utc>>) {
        let today = self.day_of(now);
        let days: Vec<NaiveDate> =
            (0..u64::from(number)).rev().filter_map(|ago| today.checked_sub_days(Days::new(ago))).collect();
        let tomorrow = today.checked_add_days(Days::new(1));
        let bounds = days.iter().copied().chain(tomorrow).filter_map(|day| self.start_of(day)).collect();
        (days, bounds)
    }

    /// The moment up to which a day, or a time on it, lasts: a day alone includes itself.
    pub fn read_until(self, text: &str) -> Option<DateTime<Utc>> {
        match text.parse::<NaiveDate>() {
            Ok(day) => self.start_of(day.checked_add_days(Days::new(1))?),
            Err(_) => self.read(text),
        }
    }

    /// The moment that one looks at: of a day alone its end, after all that happened on it. Times have
    /// whole milliseconds, so it is the last of them: what begins at midnight is part of the next day.
    pub fn read_at(self, text: &str) -> Option<DateTime<Utc>> {
        match text.parse::<NaiveDate>() {
            Ok(_) => self.read_until(text).map(|end| end - TICK),
            Err(_) => self.read(text),
        }
    }

    /// For a moment that [`Self::read`] read.
    pub fn fields_from(self, at: DateTime<Utc>) -> DayTime {
        let local = at.with_timezone(&self.zone);
        let is_start = self.start_of(local.date_naive()) == Some(at);
        Self::fields(local.date_naive(), local.time(), is_start)
    }

    /// For a moment that [`Self::read_until`] read.
    pub fn fields_until(self, at: DateTime<Utc>) -> DayTime {
        let day = self.day_of(at - TICK);
        if self.read_until(&day.to_string()) == Some(at) {
            return Self::fields(day, NaiveTime::MIN, true);
        }
        let local = at.with_timezone(&self.zone);
        Self::fields(local.date_naive(), local.time(), false)
    }

    /// For a moment that [`Self::read_at`] read.
    pub fn fields_at(self, at: DateTime<Utc>) -> DayTime {
        let local = at.with_timezone(&self.zone);
        let is_end = self.read_at(&local.date_naive().to_string()) == Some(at);
        Self::fields(local.date_naive(), local.time(), is_end)
    }

    fn fields(day: NaiveDate, time: NaiveTime, is_day_alone: bool) -> DayTime {
        let time = if is_day_alone { String::new() } else { time.format("%H:%M").to_string() };
        DayTime { day: day.to_string(), time, exact: String::new() }
    }
}

/// The distance of two moments that are next to each other.
const TICK: TimeDelta = TimeDelta::milliseconds(1);

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;

    fn berlin() -> ViewerLocale {
        ViewerLocale { zone: Tz::Europe__Berlin, ..ViewerLocale::nowhere() }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn told(fields: DayTime) -> (String, String) {
        (fields.day, fields.time)
    }

    fn pair(day: &str, time: &str) -> (String, String) {
        (day.to_owned(), time.to_owned())
    }

    #[test]
    fn a_day_alone_means_its_start_its_end_or_what_follows_it() {
        let day = "2026-03-29";
        assert_eq!(berlin().read(day), Some(at("2026-03-28T23:00:00Z")));
        assert_eq!(berlin().read_until(day), Some(at("2026-03-29T22:00:00Z")));
        assert_eq!(berlin().read_at(day), Some(at("2026-03-29T21:59:59.999Z")));
        assert_eq!(berlin().read_until("2026-03-29T12:00"), Some(at("2026-03-29T10:00:00Z")));
        assert_eq!(berlin().read_at("2026-03-29T12:00"), Some(at("2026-03-29T10:00:00Z")));
        assert_eq!(berlin().read_at("the end"), None);
    }

    #[test]
    fn fields_hold_what_was_typed_into_them() {
        for (day, time) in
            [("2026-03-29", ""), ("2026-10-25", ""), ("2026-05-01", "14:05"), ("2026-05-01", "00:30")]
        {
            let text = if time.is_empty() { day.to_owned() } else { format!("{day}T{time}") };
            let place = berlin();
            assert_eq!(told(place.fields_from(place.read(&text).unwrap())), pair(day, time));
            assert_eq!(told(place.fields_until(place.read_until(&text).unwrap())), pair(day, time));
            assert_eq!(told(place.fields_at(place.read_at(&text).unwrap())), pair(day, time));
        }
    }

    #[test]
    fn somebody_elsewhere_sees_the_same_moment_as_a_time() {
        let end = berlin().read_at("2026-05-01").unwrap();
        let tokyo = ViewerLocale { zone: Tz::Asia__Tokyo, ..ViewerLocale::nowhere() };
        assert_eq!(told(tokyo.fields_at(end)), pair("2026-05-02", "06:59"));
    }

    #[test]
    fn the_last_days_are_the_viewers_whatever_their_length() {
        let (days, bounds) = berlin().last_days(3, at("2026-03-30T10:00:00Z"));
        let told: Vec<String> = days.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["2026-03-28", "2026-03-29", "2026-03-30"]);
        let starts =
            ["2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z"];
        assert_eq!(bounds, starts.map(at));
    }
}
