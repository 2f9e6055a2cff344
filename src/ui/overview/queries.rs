//! Reads the overview once for all viewers. Its exact numbers take some 300 ms on a million enrollments, and after a
//! change all open pages request them at the same time.

use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use chrono::{DateTime, NaiveDate, Utc};
use moka::future::Cache;

use crate::kernel::page::TimeRange;
use crate::resources::enrollment_events::model::{
    Activity, BusyGroup, EnrollmentEvent, EventFilter, EventInclude,
};
use crate::resources::enrollment_events::ops::{event_activity, event_busiest_groups, event_list};
use crate::resources::enrollments::model::EnrollmentFilter;
use crate::resources::enrollments::ops::enrollment_count;
use crate::resources::workspace_groups::model::GroupFilter;
use crate::resources::workspace_groups::ops::group_count;
use crate::resources::workspaces::ops::workspace_count_ungrouped;
use crate::ui::server::prelude::*;
use crate::ui::server::session::anonymously;

#[derive(Clone)]
pub struct Overview {
    pub live: i64,
    pub groups: i64,
    pub ungrouped: i64,
    /// Up to today, in the viewer's time zone.
    pub days: Vec<DayActivity>,
    pub busiest: Vec<BusyGroup>,
    pub latest: Vec<EnrollmentEvent>,
}

#[derive(Clone)]
pub struct DayActivity {
    pub day: NaiveDate,
    pub begins: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    pub activity: Activity,
}

/// The numbers of days that the chart can show. The first is the default.
pub const DAYS: [u16; 3] = [30, 7, 90];

const LATEST: u16 = 10;
const BUSIEST: u16 = 5;

/// Limits how long a lost change notification goes unnoticed.
const MAX_AGE: Duration = Duration::from_secs(1);

/// The number of combinations of time zones and days that are in use at once.
const CACHE_SIZE: u64 = 64;

/// The number of the last change, and the days with their bounds.
type Key = (u64, Vec<NaiveDate>, Vec<DateTime<Utc>>);

/// One cache for each process is enough, because every process receives all change notifications.
#[derive(Clone)]
pub struct OverviewCache(Cache<Key, Overview>);

impl Default for OverviewCache {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(CACHE_SIZE).time_to_live(MAX_AGE).build())
    }
}

/// The overview of the last `days` days, one of [`DAYS`]. It is at most a second old.
pub async fn overview(days: u16) -> Result<Overview, UiError> {
    anonymously(async |context| {
        context.operator()?;
        let cache = use_context::<Parts>().and_then(|parts| parts.extensions.get::<OverviewCache>().cloned());
        let OverviewCache(cache) = cache.ok_or_else(|| Failure::fault("there is no overview cache"))?;
        let (days, bounds) = context.viewer.locale.last_days(days, context.viewer.now);
        // The number is read first: a change during the read leads to another key.
        let key = (context.state.notifier.change_count(), days.clone(), bounds.clone());
        // The viewers who share the result may have been notified of this change.
        let overview = async {
            let reads = context.reads().up_to_now().await;
            reads.run(async |connection| read_overview(connection, days.clone(), &bounds).await).await
        };
        cache.try_get_with(key, overview).await.map_err(unshared)
    })
    .await
}

/// Requests that waited for a read share its failure.
fn unshared(failure: Arc<Failure>) -> Failure {
    Arc::try_unwrap(failure).unwrap_or_else(|shared| match &*shared {
        Failure::Problem(problem) => Failure::Problem(problem.clone()),
        Failure::Unavailable(error) => Failure::Unavailable(error.to_string().into()),
        Failure::Conflict(error) => Failure::Conflict(error.to_string().into()),
        Failure::Fault(error) => Failure::Fault(error.to_string().into()),
    })
}

/// `bounds`: the starts of the days and the end of the last.
async fn read_overview(
    connection: &mut Connection,
    days: Vec<NaiveDate>,
    bounds: &[DateTime<Utc>],
) -> Outcome<Overview> {
    let range = TimeRange { from: bounds.first().copied(), before: bounds.last().copied() };
    let (filter, sort) = (EventFilter::default(), Sort::descending(EventSortKey::OccurredAt));
    let latest = PageRequest::first(LATEST);
    let latest = event_list(connection, &filter, &sort, &latest, EventInclude::default()).await?;
    let activity = event_activity(connection, bounds).await?;
    let days = days.into_iter().zip(bounds.windows(2)).zip(activity);
    let days = days.map(|((day, bounds), activity)| DayActivity {
        day,
        begins: bounds[0],
        ends: bounds[1],
        activity,
    });
    Ok(Overview {
        days: days.collect(),
        live: enrollment_count(connection, &EnrollmentFilter::default()).await?,
        groups: group_count(connection, &GroupFilter::default()).await?,
        ungrouped: workspace_count_ungrouped(connection).await?,
        busiest: event_busiest_groups(connection, range, BUSIEST).await?,
        latest: latest.items.into_iter().map(|with| with.event).collect(),
    })
}
