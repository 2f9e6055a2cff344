//! Numbers, days and moments as the viewer writes them. The words of the desk are English; their
//! conventions are those of the viewer's region, the times those of the viewer's zone.
//!
//! How it is done is the server's business (`ui/locale/viewer_locale.rs`): the data for it would not fit into what a
//! browser should have to load. What islands count up is formatted by the browser itself.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;

use crate::ui::locale::distance::distance;

/// What a region and a time zone decide.
pub trait Format: Send + Sync {
    /// `12,345`
    fn number(&self, number: i64) -> String;
    /// Does this number take the singular?
    fn is_one(&self, number: i64) -> bool;
    /// `3 May 2026`: the day that this moment is part of in the viewer's zone.
    fn day(&self, at: DateTime<Utc>) -> String;
    /// `3 May`: a day of the viewer's calendar.
    fn calendar_day(&self, day: NaiveDate) -> String;
    /// `3 May 2026, 14:05`, in the viewer's zone.
    fn moment(&self, at: DateTime<Utc>) -> String;
    /// `Europe/Lisbon, UTC+1`: the viewer's zone and how far it is from UTC at this moment.
    fn zone(&self, at: DateTime<Utc>) -> String;
}

/// Provided to every page.
#[derive(Clone)]
pub struct Formats {
    format: Arc<dyn Format>,
    now: DateTime<Utc>,
}

impl Formats {
    pub fn new(format: Arc<dyn Format>, now: DateTime<Utc>) -> Self {
        Self { format, now }
    }

    pub fn current() -> Self {
        expect_context::<Self>()
    }

    /// `12,345`
    pub fn number(&self, number: i64) -> String {
        self.format.number(number)
    }

    /// `1 workspace`, `2 workspaces`, `12,345 workspaces`.
    pub fn count(&self, number: i64, one: &str, many: &str) -> String {
        format!("{} {}", self.number(number), if self.format.is_one(number) { one } else { many })
    }

    /// `3 May 2026`
    pub fn day(&self, at: DateTime<Utc>) -> String {
        self.format.day(at)
    }

    /// `3 May`
    pub fn calendar_day(&self, day: NaiveDate) -> String {
        self.format.calendar_day(day)
    }

    /// `3 May 2026, 14:05`
    pub fn moment(&self, at: DateTime<Utc>) -> String {
        self.format.moment(at)
    }

    /// `Europe/Lisbon, UTC+1`
    pub fn zone(&self) -> String {
        self.format.zone(self.now)
    }

    /// `just now`, `3 minutes ago`, `2 days ago`, `in 3 days`.
    pub fn ago(&self, at: DateTime<Utc>) -> String {
        let Some((number, unit)) = distance((at - self.now).num_seconds()) else {
            return "just now".to_owned();
        };
        let number_text = self.count(number.abs(), unit, &format!("{unit}s"));
        if number < 0 { format!("{number_text} ago") } else { format!("in {number_text}") }
    }
}
