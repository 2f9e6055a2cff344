//! Where a viewer is, as the browser tells it: the region, whose way of writing days and numbers is
//! used, the time zone, and the theme. What the viewer chose is in cookies, since it belongs to a
//! screen and a place more than to a person.

pub mod days;

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Offset, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use icu_calendar::Gregorian;
use icu_datetime::FixedCalendarDateTimeFormatter as Formatter;
use icu_datetime::fieldsets::{MD, YMD, YMDT};
use icu_datetime::input::{Date, DateTime as LocalTime, Time};
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_decimal::options::DecimalFormatterOptions;
use icu_locale::subtags::Region;
use icu_locale::{LanguageIdentifier, Locale, LocaleExpander};
use icu_plurals::{PluralCategory, PluralRules};
use tower_sessions::cookie::{Cookie, SameSite, time};

use crate::ui::locale::formats::{Format, Formats};
use crate::ui::viewer::Theme;

/// How long a choice is kept.
const KEPT: time::Duration = time::Duration::days(400);

/// What can be chosen, by the name of its cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Theme,
    Zone,
    /// The zone that the browser is in, which counts until one is chosen.
    BrowserZone,
    Region,
}

impl Choice {
    const fn cookie(self) -> &'static str {
        match self {
            Self::Theme => "groupdesk_theme",
            Self::Zone => "groupdesk_zone",
            Self::BrowserZone => "groupdesk_browser_zone",
            Self::Region => "groupdesk_region",
        }
    }

    /// The value as it is kept; `None` if there is no such zone, region or theme.
    pub fn accepted(self, value: &str) -> Option<String> {
        match self {
            Self::Theme => {
                Theme::ALL.iter().map(|theme| theme.word()).find(|word| *word == value).map(Into::into)
            }
            Self::Zone | Self::BrowserZone => value.parse::<Tz>().ok().map(|zone| zone.to_string()),
            Self::Region => value.parse::<Region>().ok().map(|region| region.to_string()),
        }
    }

    /// The header that keeps the choice; an empty one is forgotten.
    pub fn kept(self, value: &str, needs_tls: bool) -> Option<HeaderValue> {
        let mut cookie = Cookie::build((self.cookie(), value.to_owned()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(needs_tls)
            .max_age(KEPT)
            .build();
        if value.is_empty() {
            cookie.make_removal();
        }
        HeaderValue::from_str(&cookie.to_string()).ok()
    }

    fn of(self, headers: &HeaderMap) -> Option<String> {
        let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        lines
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok)
            .find(|cookie| cookie.name() == self.cookie())
            .map(|cookie| cookie.value().to_owned())
    }
}

/// Where and how somebody looks at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewerLocale {
    pub zone: Tz,
    /// `None`: the browser's own counts.
    pub chosen_zone: Option<Tz>,
    pub browser_zone: Option<Tz>,
    pub region: Region,
    pub chosen_region: Option<Region>,
    pub theme: Theme,
}

/// Where nobody says otherwise: days as `3 May 2026`, hours from 0 to 23.
const REGION: Region = icu_locale::subtags::region!("GB");

/// Of those who share conventions, one: order of a date, hours to 12 or 24, signs in numbers.
const REGIONS: [&str; 9] = ["GB", "US", "CA", "AU", "IN", "DE", "FR", "CH", "ZA"];

/// The names of all time zones.
pub fn zones() -> Vec<String> {
    chrono_tz::TZ_VARIANTS.iter().map(ToString::to_string).collect()
}

impl ViewerLocale {
    pub fn of(headers: &HeaderMap) -> Self {
        let zone = |choice: Choice| choice.of(headers).and_then(|name| name.parse::<Tz>().ok());
        let (chosen_zone, browser_zone) = (zone(Choice::Zone), zone(Choice::BrowserZone));
        let chosen_region = Choice::Region.of(headers).and_then(|text| text.parse().ok());
        Self {
            zone: chosen_zone.or(browser_zone).unwrap_or(Tz::UTC),
            chosen_zone,
            browser_zone,
            region: chosen_region.or_else(|| preferred_region(headers)).unwrap_or(REGION),
            chosen_region,
            theme: Theme::from_word(Choice::Theme.of(headers).as_deref().unwrap_or_default()),
        }
    }

    /// Of nobody in particular: what the command line speaks.
    pub const fn nowhere() -> Self {
        let (chosen_zone, browser_zone, chosen_region) = (None, None, None);
        Self { zone: Tz::UTC, chosen_zone, browser_zone, region: REGION, chosen_region, theme: Theme::System }
    }

    pub fn formats(self, now: DateTime<Utc>) -> Formats {
        Formats::new(Arc::new(Local::new(self)), now)
    }

    /// Regions whose conventions differ, and the chosen one, each with what it makes of this moment and
    /// of a number.
    pub fn samples(self, now: DateTime<Utc>) -> Vec<(String, String)> {
        let mut regions: Vec<Region> = REGIONS.iter().filter_map(|code| code.parse().ok()).collect();
        regions.extend(self.chosen_region.filter(|region| !REGIONS.contains(&region.as_str())));
        regions
            .into_iter()
            .map(|region| {
                let formats = Self { region, ..self }.formats(now);
                let sample = format!("{region}: {} · {}", formats.moment(now), formats.number(1_234_567));
                (region.to_string(), sample)
            })
            .collect()
    }

    /// The moment that a form's local time means: `2026-05-01T14:05`, or a day alone, which is its
    /// beginning. A time that the clocks skip, or show twice, is the first there is.
    pub fn read(self, text: &str) -> Option<DateTime<Utc>> {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M")
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S"))
            .ok()
            .or_else(|| text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0))?;
        // Clocks skip an hour, once two; what they show after it is there again.
        (0..=4)
            .find_map(|half| {
                let later = local.checked_add_signed(chrono::TimeDelta::minutes(30 * half))?;
                self.zone.from_local_datetime(&later).earliest()
            })
            .map(|time| time.to_utc())
    }

    /// What a `datetime-local` field holds for this moment.
    pub fn field(self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.zone).format("%Y-%m-%dT%H:%M").to_string()
    }
}

/// Of the first language that the browser asks for which has a region, its own or the likely one.
fn preferred_region(headers: &HeaderMap) -> Option<Region> {
    let text = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    accept_language::parse(text).iter().find_map(|tag| {
        let mut language: LanguageIdentifier = tag.parse().ok()?;
        LocaleExpander::new_common().maximize(&mut language);
        language.region
    })
}

/// The conventions of one place.
struct Local {
    zone: Tz,
    number: DecimalFormatter,
    plural: PluralRules,
    day: Formatter<Gregorian, YMD>,
    short_day: Formatter<Gregorian, MD>,
    moment: Formatter<Gregorian, YMDT>,
}

impl Local {
    fn new(place: ViewerLocale) -> Self {
        let mut language: LanguageIdentifier = icu_locale::langid!("en");
        language.region = Some(place.region);
        let locale = Locale::from(language);
        #[expect(clippy::expect_used, reason = "there is data for English, and the regions fall back on it")]
        let local = Self {
            zone: place.zone,
            number: DecimalFormatter::try_new((&locale).into(), DecimalFormatterOptions::default())
                .expect("data of English"),
            plural: PluralRules::try_new_cardinal((&locale).into()).expect("data of English"),
            day: Formatter::try_new((&locale).into(), YMD::long()).expect("data of English"),
            short_day: Formatter::try_new((&locale).into(), MD::medium()).expect("data of English"),
            moment: Formatter::try_new((&locale).into(), YMD::medium().with_time_hm())
                .expect("data of English"),
        };
        local
    }

    fn here(&self, at: DateTime<Utc>) -> DateTime<Tz> {
        at.with_timezone(&self.zone)
    }
}

/// The calendar's days are those that both libraries have; the first of all stands for any other.
fn date(day: NaiveDate) -> Date<Gregorian> {
    let month = u8::try_from(day.month()).unwrap_or(1);
    let of_month = u8::try_from(day.day()).unwrap_or(1);
    Date::try_new_gregorian(day.year(), month, of_month)
        .unwrap_or_else(|_| Date::from_rata_die(icu_calendar::types::RataDie::new(1), Gregorian))
}

impl Format for Local {
    fn number(&self, number: i64) -> String {
        self.number.format(&Decimal::from(number)).to_string()
    }

    fn is_one(&self, number: i64) -> bool {
        self.plural.category_for(number.unsigned_abs()) == PluralCategory::One
    }

    fn day(&self, at: DateTime<Utc>) -> String {
        self.day.format(&date(self.here(at).date_naive())).to_string()
    }

    fn calendar_day(&self, day: NaiveDate) -> String {
        self.short_day.format(&date(day)).to_string()
    }

    fn moment(&self, at: DateTime<Utc>) -> String {
        let here = self.here(at);
        let part = |number: u32| u8::try_from(number).unwrap_or_default();
        let time = Time::try_new(part(here.hour()), part(here.minute()), part(here.second()), 0);
        let time = time.unwrap_or(Time::start_of_day());
        self.moment.format(&LocalTime { date: date(here.date_naive()), time }).to_string()
    }

    fn zone(&self, at: DateTime<Utc>) -> String {
        let seconds = self.here(at).offset().fix().local_minus_utc();
        let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
        let sign = if seconds < 0 { '−' } else { '+' };
        match (self.zone, hours, minutes) {
            (Tz::UTC, _, _) => "UTC".to_owned(),
            (zone, 0, 0) => format!("{zone}, UTC"),
            (zone, hours, 0) => format!("{zone}, UTC{sign}{hours}"),
            (zone, hours, minutes) => format!("{zone}, UTC{sign}{hours}:{minutes:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
    use crate::kernel::problem::{LiveEnrollment, Problem};
    use crate::ui::messages::sentence;
    use uuid::Uuid;

    fn place(zone: &str, languages: &'static str) -> ViewerLocale {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(languages));
        let cookie = format!("a=b; groupdesk_browser_zone={zone}");
        headers.insert(header::COOKIE, HeaderValue::from_str(&cookie).unwrap());
        ViewerLocale::of(&headers)
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn days_and_numbers_are_those_of_the_region_and_the_zone() {
        let now = at("2026-05-03T22:30:00Z");
        let told = |zone, languages| {
            let formats = place(zone, languages).formats(now);
            (formats.moment(now), formats.number(1_234_567), formats.zone())
        };
        let text = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(told("UTC", "en"), text("May 3, 2026, 10:30\u{202f}PM", "1,234,567", "UTC"));
        let berlin = text("4 May 2026, 00:30", "1.234.567", "Europe/Berlin, UTC+2");
        assert_eq!(told("Europe/Berlin", "de"), berlin);
        let kolkata = told("Asia/Kolkata", "hi-IN,en;q=0.5");
        assert_eq!((kolkata.1.as_str(), kolkata.2.as_str()), ("12,34,567", "Asia/Kolkata, UTC+5:30"));
        assert_eq!(told("nowhere", "").0, "3 May 2026, 22:30");
    }

    #[test]
    fn what_was_chosen_comes_before_what_the_browser_tells() {
        let mut headers = HeaderMap::new();
        let cookie = "groupdesk_zone=Asia/Tokyo; groupdesk_browser_zone=Europe/Lisbon; groupdesk_region=JP";
        headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("pt-PT"));
        let place = ViewerLocale::of(&headers);
        assert_eq!((place.zone, place.region.as_str()), (Tz::Asia__Tokyo, "JP"));
    }

    #[test]
    fn a_local_time_is_read_in_the_viewers_zone() {
        let berlin = place("Europe/Berlin", "de");
        assert_eq!(berlin.read("2026-05-01T00:30"), Some(at("2026-04-30T22:30:00Z")));
        assert_eq!(berlin.read("2026-05-01"), Some(at("2026-04-30T22:00:00Z")));
        // The clocks go from 2 to 3, and in autumn from 3 back to 2.
        assert_eq!(berlin.read("2026-03-29T02:30"), Some(at("2026-03-29T01:00:00Z")));
        assert_eq!(berlin.read("2026-10-25T02:30"), Some(at("2026-10-25T00:30:00Z")));
        assert_eq!(berlin.read("yesterday"), None);
        assert_eq!(berlin.field(at("2026-04-30T22:30:00Z")), "2026-05-01T00:30");
    }

    #[test]
    fn plurals_agree() {
        let formats = place("UTC", "en-GB").formats(at("2026-05-03T22:30:00Z"));
        assert_eq!(formats.count(1, "group", "groups"), "1 group");
        assert_eq!(formats.count(0, "group", "groups"), "0 groups");
        assert_eq!(formats.count(1_234_567, "group", "groups"), "1,234,567 groups");
        assert_eq!(formats.ago(at("2026-05-03T20:30:00Z")), "2 hours ago");
        assert_eq!(formats.ago(at("2026-05-03T22:29:55Z")), "just now");
        assert_eq!(formats.ago(at("2026-05-04T22:30:00Z")), "in 1 day");
    }

    #[test]
    fn a_conflict_says_who_was_first_and_when() {
        let live = LiveEnrollment {
            id: EnrollmentId::new(Uuid::nil()),
            group: GroupId::new(Uuid::nil()),
            group_name: "EMEA".into(),
            workspace: WorkspaceId::new(Uuid::nil()),
            workspace_name: "Acme SAS".into(),
            enrolled_by: Some("Ana Lima".into()),
            enrolled_at: at("2026-05-03T10:00:00Z"),
        };
        let by_nobody = LiveEnrollment { enrolled_by: None, ..live.clone() };
        let formats = place("UTC", "en-GB").formats(at("2026-05-28T09:15:00Z"));
        let told = |live| sentence(&Problem::AlreadyEnrolled(Box::new(live)), &formats);
        assert_eq!(told(live), "Acme SAS is already in EMEA, enrolled by Ana Lima on 3 May 2026.");
        assert_eq!(told(by_nobody), "Acme SAS is already in EMEA, enrolled on 3 May 2026.");
    }
}
