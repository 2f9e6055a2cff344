//! The viewer's region, time zone and theme, from headers of the browser. Choices are stored in cookies because they
//! belong to a screen and a place rather than to a person.

use std::str::FromStr;

use axum::http::{HeaderMap, HeaderValue, header};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use icu_locale::subtags::{Region, region};
use icu_locale::{LanguageIdentifier, LocaleExpander};
use strum::{EnumString, IntoStaticStr, VariantArray};
use tower_sessions::cookie::{Cookie, SameSite, time};

use crate::platform::http::{self, header_text};
use crate::ui::locale::formats::Formats;

const MAX_AGE: time::Duration = time::Duration::days(400);

/// What is stored in the cookie of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(prefix = "groupdesk_", serialize_all = "snake_case", const_into_str)]
pub enum Preference {
    Theme,
    Zone,
    /// The zone of the browser, which applies until another is chosen.
    BrowserZone,
    Region,
}

impl Preference {
    /// The canonical form of the value; `None` if there is no such zone, region or theme.
    pub fn accepted(self, value: &str) -> Option<String> {
        match self {
            Self::Theme => value.parse::<Theme>().ok().map(|theme| theme.into_str().to_owned()),
            Self::Zone | Self::BrowserZone => value.parse::<Tz>().ok().map(|zone| zone.to_string()),
            Self::Region => value.parse::<Region>().ok().map(|region| region.to_string()),
        }
    }

    /// The `Set-Cookie` header that stores the value, or deletes it if it is empty.
    pub fn cookie(self, value: &str, needs_tls: bool) -> Option<HeaderValue> {
        let mut cookie = Cookie::build((self.into_str(), value.to_owned()))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(needs_tls)
            .max_age(MAX_AGE)
            .build();
        if value.is_empty() {
            cookie.make_removal();
        }
        HeaderValue::from_str(&cookie.to_string()).ok()
    }

    fn read<T: FromStr>(self, headers: &HeaderMap) -> Option<T> {
        http::cookie(headers, self.into_str())?.parse().ok()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumString, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Theme {
    /// That of the operating system.
    System,
    Light,
    Dark,
}

impl Theme {
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewerLocale {
    pub zone: Tz,
    pub chosen_zone: Option<Tz>,
    pub browser_zone: Option<Tz>,
    pub region: Region,
    pub chosen_region: Option<Region>,
    pub theme: Theme,
}

/// Days as `3 May 2026`, hours from 0 to 23.
const DEFAULT_REGION: Region = region!("GB");

/// One region for each set of conventions: the order of a date, 12 or 24 hours, the signs in numbers.
const REGIONS: [Region; 9] = [
    DEFAULT_REGION,
    region!("US"),
    region!("CA"),
    region!("AU"),
    region!("IN"),
    region!("DE"),
    region!("FR"),
    region!("CH"),
    region!("ZA"),
];

/// The values of a pair of form fields for a moment. The time is empty if the day stands for the moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DayTime {
    pub day: String,
    pub time: String,
    /// The exact moment, of which the fields show only minutes. It counts as long as nobody changes them.
    pub exact: String,
}

/// The moment that a day without a time stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayEdge {
    Start,
    End,
    /// The start of the next day, as the end of a range that excludes its end.
    NextStart,
}

/// Times have whole milliseconds.
const TICK: TimeDelta = TimeDelta::milliseconds(1);

impl Default for ViewerLocale {
    fn default() -> Self {
        Self::of(&HeaderMap::new())
    }
}

impl ViewerLocale {
    pub fn of(headers: &HeaderMap) -> Self {
        let chosen_zone = Preference::Zone.read(headers);
        let browser_zone = Preference::BrowserZone.read(headers);
        let chosen_region = Preference::Region.read(headers);
        Self {
            zone: chosen_zone.or(browser_zone).unwrap_or(Tz::UTC),
            chosen_zone,
            browser_zone,
            region: chosen_region.or_else(|| preferred_region(headers)).unwrap_or(DEFAULT_REGION),
            chosen_region,
            theme: Preference::Theme.read(headers).unwrap_or(Theme::System),
        }
    }

    pub fn formats(self, now: DateTime<Utc>) -> Formats {
        Formats::new(self.zone, self.region, now)
    }

    /// `REGIONS` and the chosen region, each with this moment and a number as examples.
    pub fn samples(self, now: DateTime<Utc>) -> impl Iterator<Item = (Region, String)> {
        let chosen = self.chosen_region.filter(|region| !REGIONS.contains(region));
        REGIONS.into_iter().chain(chosen).map(move |region| {
            let formats = Formats::new(self.zone, region, now);
            let sample = format!("{region}: {} · {}", formats.moment(now), formats.number(1_234_567));
            (region, sample)
        })
    }

    /// Reads a local time such as `2026-05-01T14:05`, or the start of a day. A time that the clocks skip means the next
    /// one, and a time that they show twice the first.
    pub fn read(self, text: &str) -> Option<DateTime<Utc>> {
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M")
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S"))
            .ok()
            .or_else(|| text.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0))?;
        // Clocks skip at most two hours.
        (0..=4)
            .find_map(|half_hours| {
                let later = local.checked_add_signed(TimeDelta::minutes(30 * half_hours))?;
                self.zone.from_local_datetime(&later).earliest()
            })
            .map(|time| time.to_utc())
    }

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

/// The region of the first preferred language that has one, its own or the likely one.
fn preferred_region(headers: &HeaderMap) -> Option<Region> {
    let text = header_text(headers, header::ACCEPT_LANGUAGE)?;
    accept_language::parse(text).iter().find_map(|tag| {
        let mut language: LanguageIdentifier = tag.parse().ok()?;
        LocaleExpander::new_common().maximize(&mut language);
        language.region
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::{EnrollmentId, GroupId, WorkspaceId};
    use crate::kernel::problem::{LiveEnrollment, Problem};
    use crate::ui::messages::sentence;
    use uuid::Uuid;

    fn locale(zone: &str, languages: &'static str) -> ViewerLocale {
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
        let shown = |zone, languages| {
            let formats = locale(zone, languages).formats(now);
            (formats.moment(now), formats.number(1_234_567), formats.zone())
        };
        let text = |a: &str, b: &str, c: &str| (a.to_owned(), b.to_owned(), c.to_owned());
        assert_eq!(shown("UTC", "en"), text("May 3, 2026, 10:30\u{202f}PM", "1,234,567", "UTC"));
        let berlin = text("4 May 2026, 00:30", "1.234.567", "Europe/Berlin, UTC+2");
        assert_eq!(shown("Europe/Berlin", "de"), berlin);
        let kolkata = shown("Asia/Kolkata", "hi-IN,en;q=0.5");
        assert_eq!((kolkata.1.as_str(), kolkata.2.as_str()), ("12,34,567", "Asia/Kolkata, UTC+5:30"));
        assert_eq!(shown("nowhere", "").0, "3 May 2026, 22:30");
    }

    #[test]
    fn chosen_values_precede_those_of_the_browser() {
        let mut headers = HeaderMap::new();
        let cookie = "groupdesk_zone=Asia/Tokyo; groupdesk_browser_zone=Europe/Lisbon; groupdesk_region=JP";
        headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("pt-PT"));
        let locale = ViewerLocale::of(&headers);
        assert_eq!((locale.zone, locale.region.as_str()), (Tz::Asia__Tokyo, "JP"));
    }

    #[test]
    fn a_local_time_is_read_in_the_viewers_zone() {
        let berlin = berlin();
        assert_eq!(berlin.read("2026-05-01T00:30"), Some(at("2026-04-30T22:30:00Z")));
        assert_eq!(berlin.read("2026-05-01"), Some(at("2026-04-30T22:00:00Z")));
        // The clocks go from 2 to 3, and in autumn from 3 back to 2.
        assert_eq!(berlin.read("2026-03-29T02:30"), Some(at("2026-03-29T01:00:00Z")));
        assert_eq!(berlin.read("2026-10-25T02:30"), Some(at("2026-10-25T00:30:00Z")));
        assert_eq!(berlin.read("yesterday"), None);
    }

    #[test]
    fn plurals_agree() {
        let formats = locale("UTC", "en-GB").formats(at("2026-05-03T22:30:00Z"));
        assert_eq!(formats.count(1, "group", "groups"), "1 group");
        assert_eq!(formats.count(0, "group", "groups"), "0 groups");
        assert_eq!(formats.count(1_234_567, "group", "groups"), "1,234,567 groups");
        assert_eq!(formats.ago(at("2026-05-03T20:30:00Z")), "2 hours ago");
        assert_eq!(formats.ago(at("2026-05-03T22:29:55Z")), "just now");
        assert_eq!(formats.ago(at("2026-05-04T22:30:00Z")), "in 1 day");
    }

    #[test]
    fn a_conflict_names_the_creator_and_the_day() {
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
        let formats = locale("UTC", "en-GB").formats(at("2026-05-28T09:15:00Z"));
        let shown = |live| sentence(&Problem::AlreadyEnrolled(Box::new(live)), &formats);
        assert_eq!(shown(live), "Acme SAS is already in EMEA, enrolled by Ana Lima on 3 May 2026.");
        assert_eq!(shown(by_nobody), "Acme SAS is already in EMEA, enrolled on 3 May 2026.");
    }

    fn berlin() -> ViewerLocale {
        ViewerLocale { zone: Tz::Europe__Berlin, ..ViewerLocale::default() }
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
