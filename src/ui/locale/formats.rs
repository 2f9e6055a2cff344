//! Numbers, days and moments in the conventions of the viewer's region and time zone. The words are English.
//! The data would be too large for a browser; islands use the browser's own `Intl`.

use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate, Offset, Timelike, Utc};
use chrono_tz::Tz;
use icu_calendar::Gregorian;
use icu_datetime::FixedCalendarDateTimeFormatter as Formatter;
use icu_datetime::fieldsets::{MD, YMD, YMDT};
use icu_datetime::input::{Date, DateTime as LocalTime, Time};
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_decimal::options::DecimalFormatterOptions;
use icu_locale::subtags::Region;
use icu_locale::{LanguageIdentifier, Locale};
use leptos::prelude::*;

use crate::ui::locale::distance::distance;

#[derive(Clone)]
pub struct Formats {
    conventions: Arc<Conventions>,
    now: DateTime<Utc>,
}

struct Conventions {
    zone: Tz,
    number: DecimalFormatter,
    day: Formatter<Gregorian, YMD>,
    short_day: Formatter<Gregorian, MD>,
    moment: Formatter<Gregorian, YMDT>,
}

impl Conventions {
    fn new(zone: Tz, region: Region) -> Option<Self> {
        let mut language: LanguageIdentifier = icu_locale::langid!("en");
        language.region = Some(region);
        let locale = Locale::from(language);
        Some(Self {
            zone,
            number: DecimalFormatter::try_new((&locale).into(), DecimalFormatterOptions::default()).ok()?,
            day: Formatter::try_new((&locale).into(), YMD::long()).ok()?,
            short_day: Formatter::try_new((&locale).into(), MD::medium()).ok()?,
            moment: Formatter::try_new((&locale).into(), YMD::medium().with_time_hm()).ok()?,
        })
    }
}

/// Days that only one of the two libraries knows become the first day of all.
fn date(day: NaiveDate) -> Date<Gregorian> {
    let month = u8::try_from(day.month()).unwrap_or(1);
    let day_of_month = u8::try_from(day.day()).unwrap_or(1);
    Date::try_new_gregorian(day.year(), month, day_of_month)
        .unwrap_or_else(|_| Date::from_rata_die(icu_calendar::types::RataDie::new(1), Gregorian))
}

impl Formats {
    #[expect(clippy::missing_panics_doc, reason = "it never panics")]
    pub fn new(zone: Tz, region: Region, now: DateTime<Utc>) -> Self {
        #[expect(clippy::expect_used, reason = "there is data for English, and regions fall back to it")]
        let conventions = Conventions::new(zone, region).expect("data of English");
        Self { conventions: Arc::new(conventions), now }
    }

    pub fn current() -> Self {
        expect_context::<Self>()
    }

    fn local(&self, at: DateTime<Utc>) -> DateTime<Tz> {
        at.with_timezone(&self.conventions.zone)
    }

    /// `12,345`
    pub fn number(&self, number: i64) -> String {
        self.conventions.number.format(&Decimal::from(number)).to_string()
    }

    /// `1 workspace`, `2 workspaces`, `12,345 workspaces`.
    pub fn count(&self, number: i64, one: &str, many: &str) -> String {
        format!("{} {}", self.number(number), if number.unsigned_abs() == 1 { one } else { many })
    }

    /// `3 May 2026`
    pub fn day(&self, at: DateTime<Utc>) -> String {
        self.conventions.day.format(&date(self.local(at).date_naive())).to_string()
    }

    /// `3 May`
    pub fn calendar_day(&self, day: NaiveDate) -> String {
        self.conventions.short_day.format(&date(day)).to_string()
    }

    /// `3 May 2026, 14:05`
    pub fn moment(&self, at: DateTime<Utc>) -> String {
        let local = self.local(at);
        let part = |number: u32| u8::try_from(number).unwrap_or_default();
        let time = Time::try_new(part(local.hour()), part(local.minute()), part(local.second()), 0);
        let time = time.unwrap_or(Time::start_of_day());
        self.conventions.moment.format(&LocalTime { date: date(local.date_naive()), time }).to_string()
    }

    /// `Europe/Lisbon, UTC+1`: the viewer's zone and its distance from UTC now.
    pub fn zone(&self) -> String {
        let seconds = self.local(self.now).offset().fix().local_minus_utc();
        let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
        let sign = if seconds < 0 { '−' } else { '+' };
        match (self.conventions.zone, hours, minutes) {
            (Tz::UTC, _, _) => "UTC".to_owned(),
            (zone, 0, 0) => format!("{zone}, UTC"),
            (zone, hours, 0) => format!("{zone}, UTC{sign}{hours}"),
            (zone, hours, minutes) => format!("{zone}, UTC{sign}{hours}:{minutes:02}"),
        }
    }

    /// `just now`, `3 minutes ago`, `2 days ago`, `in 3 days`.
    pub fn ago(&self, at: DateTime<Utc>) -> String {
        let Some((number, unit)) = distance((at - self.now).num_seconds()) else {
            return "just now".to_owned();
        };
        let text = self.count(number.abs(), unit, &format!("{unit}s"));
        if number < 0 { format!("{text} ago") } else { format!("in {text}") }
    }
}
