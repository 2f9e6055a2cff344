//! Of the overview.

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::resources::enrollment_events::model::EnrollmentEvent;
use crate::resources::enrollment_events::model::activity::{Activity, BusyGroup};
use crate::ui::error::UiError;

/// How many days the chart may show; the first is what it shows unasked.
pub const DAYS: [u16; 3] = [30, 7, 90];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OverviewShown {
    /// Live enrollments.
    pub live: i64,
    pub groups: i64,
    /// Workspaces that are in no group.
    pub ungrouped: i64,
    /// Up to today, in the viewer's zone.
    pub days: Vec<DayShown>,
    /// The groups that changed most in these days.
    pub busiest: Vec<BusyGroup>,
    pub latest: Vec<EnrollmentEvent>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DayShown {
    pub day: NaiveDate,
    pub begins: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    pub activity: Activity,
}

#[server(prefix = "/api/fn", endpoint = "overview-read")]
pub async fn overview_read(days: u16) -> Result<OverviewShown, UiError> {
    use crate::ui::overview::figures::figures;
    use crate::ui::server::session::read;
    read(async |connection, visit| {
        let number = DAYS.into_iter().find(|known| *known == days).unwrap_or(DAYS[0]);
        let (days, bounds) = visit.place().last_days(number, visit.now());
        let figures = figures(connection, visit, &bounds).await?;
        let ends = bounds.iter().skip(1);
        let days = days.into_iter().zip(bounds.iter().zip(ends)).zip(figures.activity).map(
            |((day, (begins, ends)), activity)| DayShown { day, begins: *begins, ends: *ends, activity },
        );
        Ok(OverviewShown {
            live: figures.live,
            groups: figures.groups,
            ungrouped: figures.ungrouped,
            days: days.collect(),
            busiest: figures.busiest,
            latest: figures.latest,
        })
    })
    .await
}
