//! Days of the viewer's calendar as ranges of time, and the fields for a day and a time.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::ui::locale::viewer_locale::ViewerLocale;

/// The values of a pair of form fields for a moment. The time is empty if the day stands for the moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayTime {
    pub day: String,
    pub time: String,
    /// The exact moment, of which the fields show only minutes. It counts as long as nobody changes them. Empty if they
    /// are empty.
    pub exact: String,
}

/// The moment that a day without a time stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayEdge {
    Start,
    /// The last moment of the day.
    End,
    /// The start of the next day, as the end of a range that excludes its end.
    NextStart,
}

/// Times have whole milliseconds.
const TICK: TimeDelta = TimeDelta::milliseconds(1);

impl ViewerLocale {
    pub fn day_of(self, at: DateTime<Utc>) -> NaiveDate {
        at.with_timezone(&self.zone).date_naive()
    }

    fn start_of(self, day: NaiveDate) -> Option<DateTime<Utc>> {
        self.read(&day.to_string())
    }

    /// The last `number` days up to today, with the first moment of each and the first of tomorrow.
    pub fn last_days(self, number: u16, now: DateTime<Utc>) -> (Vec<NaiveDate>, Vec<DateTime<Utc>>) {
        let today = self.day_of(now);
        let days: Vec<NaiveDate> =
            (0..u64::from(number)).rev().filter_map(|ago| today.checked_sub_days(Days::new(ago))).collect();
        let tomorrow = today.checked_add_days(Days::new(1));
        let bounds = days.iter().copied().chain(tomorrow).filter_map(|day| self.start_of(day)).collect();
        (days, bounds)
    }

    /// [`Self::read`] with a choice of what a day without a time means.
    pub fn read_edge(self, text: &str, edge: DayEdge) -> Option<DateTime<Utc>> {
        let Ok(day) = text.parse::<NaiveDate>() else { return self.read(text) };
        let next_start = || self.start_of(day.checked_add_days(Days::new(1))?);
        match edge {
            DayEdge::Start => self.start_of(day),
            DayEdge::End => next_start().map(|end| end - TICK),
            DayEdge::NextStart => next_start(),
        }
    }

    /// The fields that [`Self::read_edge`] reads as this moment, except for its seconds.
    pub fn fields(self, at: DateTime<Utc>, edge: DayEdge) -> DayTime {
        let day = match edge {
            DayEdge::Start | DayEdge::End => self.day_of(at),
            DayEdge::NextStart => self.day_of(at - TICK),
        };
        if self.read_edge(&day.to_string(), edge) == Some(at) {
            return DayTime { day: day.to_string(), ..DayTime::default() };
        }
        let local = at.with_timezone(&self.zone);
        let (day, time) = (local.date_naive().to_string(), local.format("%H:%M").to_string());
        DayTime { day, time, exact: String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;

    fn berlin() -> ViewerLocale {
        ViewerLocale { zone: Tz::Europe__Berlin, ..ViewerLocale::default() }
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn parts(fields: DayTime) -> (String, String) {
        (fields.day, fields.time)
    }

    fn pair(day: &str, time: &str) -> (String, String) {
        (day.to_owned(), time.to_owned())
    }

    #[test]
    fn a_day_without_a_time_means_its_edge() {
        let day = "2026-03-29";
        assert_eq!(berlin().read(day), Some(at("2026-03-28T23:00:00Z")));
        assert_eq!(berlin().read_edge(day, DayEdge::NextStart), Some(at("2026-03-29T22:00:00Z")));
        assert_eq!(berlin().read_edge(day, DayEdge::End), Some(at("2026-03-29T21:59:59.999Z")));
        assert_eq!(
            berlin().read_edge("2026-03-29T12:00", DayEdge::NextStart),
            Some(at("2026-03-29T10:00:00Z"))
        );
        assert_eq!(berlin().read_edge("2026-03-29T12:00", DayEdge::End), Some(at("2026-03-29T10:00:00Z")));
        assert_eq!(berlin().read_edge("the end", DayEdge::End), None);
    }

    #[test]
    fn fields_show_the_moment_as_it_was_typed() {
        for (day, time) in
            [("2026-03-29", ""), ("2026-10-25", ""), ("2026-05-01", "14:05"), ("2026-05-01", "00:30")]
        {
            let text = if time.is_empty() { day.to_owned() } else { format!("{day}T{time}") };
            for edge in [DayEdge::Start, DayEdge::End, DayEdge::NextStart] {
                let at = berlin().read_edge(&text, edge).unwrap();
                assert_eq!(parts(berlin().fields(at, edge)), pair(day, time));
            }
        }
    }

    #[test]
    fn another_zone_shows_the_same_moment_as_a_time() {
        let end = berlin().read_edge("2026-05-01", DayEdge::End).unwrap();
        let tokyo = ViewerLocale { zone: Tz::Asia__Tokyo, ..ViewerLocale::default() };
        assert_eq!(parts(tokyo.fields(end, DayEdge::End)), pair("2026-05-02", "06:59"));
    }

    #[test]
    fn the_last_days_are_those_of_the_viewers_zone() {
        let (days, bounds) = berlin().last_days(3, at("2026-03-30T10:00:00Z"));
        let days: Vec<String> = days.iter().map(ToString::to_string).collect();
        assert_eq!(days, ["2026-03-28", "2026-03-29", "2026-03-30"]);
        let starts =
            ["2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z"];
        assert_eq!(bounds, starts.map(at));
    }
}
