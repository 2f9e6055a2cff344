//! Of the overview.

use chrono::{DateTime, NaiveDate, Utc};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::resources::enrollment_events::model::EnrollmentEvent;
use crate::resources::enrollment_events::model::activity::{Activity, BusyGroup};
use crate::ui::trouble::Trouble;

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

/// Each figure is exact: all of them together are some 300 ms on a million enrollments, and figures that
/// nearly match what the lists show would be asked about.
#[server(prefix = "/api/fn", endpoint = "overview-read")]
pub async fn overview_read(days: u16) -> Result<OverviewShown, Trouble> {
    use crate::kernel::page::{PageRequest, Sort, TimeRange};
    use crate::resources::enrollment_events::model::{EventFilter, EventInclude, EventSortKey};
    use crate::resources::enrollment_events::ops::activity::{event_activity, event_busiest_groups};
    use crate::resources::enrollment_events::ops::event_list;
    use crate::resources::enrollments::model::EnrollmentFilter;
    use crate::resources::enrollments::ops::enrollment_count;
    use crate::resources::workspace_groups::model::GroupFilter;
    use crate::resources::workspace_groups::ops::group_count;
    use crate::resources::workspaces::ops::workspace_count_ungrouped;
    use crate::ui::session::read;
    const LATEST: u16 = 10;
    const BUSIEST: u16 = 5;
    read(async |connection, visit| {
        let number = DAYS.into_iter().find(|known| *known == days).unwrap_or(DAYS[0]);
        let (days, bounds) = visit.place().last_days(number, visit.now());
        let activity = event_activity(connection, &bounds).await?;
        let range = TimeRange { from: bounds.first().copied(), before: bounds.last().copied() };
        let ends = bounds.iter().skip(1);
        let days = days.into_iter().zip(bounds.iter().zip(ends)).zip(activity).map(
            |((day, (begins, ends)), activity)| DayShown { day, begins: *begins, ends: *ends, activity },
        );
        let (filter, sort) = (EventFilter::default(), Sort::descending(EventSortKey::OccurredAt));
        let latest = PageRequest::first(LATEST);
        let latest = event_list(connection, &filter, &sort, &latest, EventInclude::default()).await?;
        Ok(OverviewShown {
            live: enrollment_count(connection, &EnrollmentFilter::default()).await?,
            groups: group_count(connection, &GroupFilter::default()).await?,
            ungrouped: workspace_count_ungrouped(connection).await?,
            days: days.collect(),
            busiest: event_busiest_groups(connection, range, BUSIEST).await?,
            latest: latest.items.into_iter().map(|with| with.event).collect(),
        })
    })
    .await
}
