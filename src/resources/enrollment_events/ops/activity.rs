//! How much happened, and where the most.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::super::store;
use crate::kernel::page::TimeRange;
use crate::platform::failure::Outcome;
use crate::resources::enrollment_events::model::activity::{Activity, BusyGroup};

/// One for each span between two neighbours of these moments, which ascend. When a day begins depends on
/// who looks, and a day is not always as long as another; so the caller says it.
pub async fn event_activity(
    connection: &mut PgConnection,
    bounds: &[DateTime<Utc>],
) -> Outcome<Vec<Activity>> {
    store::activity::by_span(connection, bounds).await
}

/// The groups with the most enrollments and removals in this time, at most so many.
pub async fn event_busiest_groups(
    connection: &mut PgConnection,
    range: TimeRange,
    limit: u16,
) -> Outcome<Vec<BusyGroup>> {
    store::activity::busiest_groups(connection, range, limit).await
}
