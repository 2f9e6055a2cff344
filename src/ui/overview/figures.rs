//! The figures of the overview, worked out once for all who look at it.
//!
//! Each is exact, since figures that nearly match what the lists show would be asked about; all of them
//! together are some 300 ms on a million enrollments. Every page that is open asks anew after each change, all
//! of them at the same moment: so one of them reads, and the others get what it has read.

use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use chrono::{DateTime, Utc};
use leptos::prelude::use_context;
use moka::future::Cache;

use crate::kernel::page::{PageRequest, Sort, TimeRange};
use crate::platform::db::Connection;
use crate::platform::failure::{Failure, Outcome};
use crate::resources::enrollment_events::model::activity::{Activity, BusyGroup};
use crate::resources::enrollment_events::model::{EnrollmentEvent, EventFilter, EventInclude, EventSortKey};
use crate::resources::enrollment_events::ops::{event_activity, event_busiest_groups, event_list};
use crate::resources::enrollments::model::EnrollmentFilter;
use crate::resources::enrollments::ops::enrollment_count;
use crate::resources::workspace_groups::model::GroupFilter;
use crate::resources::workspace_groups::ops::group_count;
use crate::resources::workspaces::ops::workspace_count_ungrouped;
use crate::ui::server::session::RequestContext;

const LATEST: u16 = 10;
const BUSIEST: u16 = 5;

/// For how long figures are shown at most: news of others may be late, or lost with their connection.
const SHARED_FOR: Duration = Duration::from_secs(1);
/// As many as there are zones and numbers of days in use at once.
const KEPT: u64 = 64;

#[derive(Clone)]
pub struct Figures {
    pub live: i64,
    pub groups: i64,
    pub ungrouped: i64,
    /// Between one bound and the next.
    pub activity: Vec<Activity>,
    pub busiest: Vec<BusyGroup>,
    pub latest: Vec<EnrollmentEvent>,
}

/// After which change, and of which days.
type Key = (u64, Vec<DateTime<Utc>>);

/// Of one process: each hears of all changes.
#[derive(Clone)]
pub struct SharedFigures(Cache<Key, Figures>);

impl Default for SharedFigures {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(KEPT).time_to_live(SHARED_FOR).build())
    }
}

/// As they are now, or were at most a second ago if nothing is known to have changed since.
pub(super) async fn figures(
    connection: &mut Connection,
    visit: &RequestContext,
    bounds: &[DateTime<Utc>],
) -> Outcome<Figures> {
    let shared = use_context::<Parts>().and_then(|parts| parts.extensions.get::<SharedFigures>().cloned());
    let SharedFigures(shared) = shared.ok_or_else(|| Failure::fault("no figures are shared here"))?;
    // Before they are read: what changes meanwhile makes it another key.
    let key = (visit.state.live.changes(), bounds.to_vec());
    shared.try_get_with(key, read(connection, bounds)).await.map_err(own)
}

/// Who failed together with others has the failure to share, too.
fn own(failure: Arc<Failure>) -> Failure {
    Arc::try_unwrap(failure).unwrap_or_else(|shared| match &*shared {
        Failure::Problem(problem) => Failure::Problem(problem.clone()),
        Failure::Unavailable(error) => Failure::Unavailable(error.to_string().into()),
        Failure::Conflict(error) => Failure::Conflict(error.to_string().into()),
        Failure::Fault(error) => Failure::Fault(error.to_string().into()),
    })
}

async fn read(connection: &mut Connection, bounds: &[DateTime<Utc>]) -> Outcome<Figures> {
    let range = TimeRange { from: bounds.first().copied(), before: bounds.last().copied() };
    let (filter, sort) = (EventFilter::default(), Sort::descending(EventSortKey::OccurredAt));
    let latest = PageRequest::first(LATEST);
    let latest = event_list(connection, &filter, &sort, &latest, EventInclude::default()).await?;
    Ok(Figures {
        live: enrollment_count(connection, &EnrollmentFilter::default()).await?,
        groups: group_count(connection, &GroupFilter::default()).await?,
        ungrouped: workspace_count_ungrouped(connection).await?,
        activity: event_activity(connection, bounds).await?,
        busiest: event_busiest_groups(connection, range, BUSIEST).await?,
        latest: latest.items.into_iter().map(|with| with.event).collect(),
    })
}
