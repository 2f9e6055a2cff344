//! The overview as its page shows it.

use chrono::{DateTime, NaiveDate, Utc};

use crate::resources::enrollment_events::model::EnrollmentEvent;
use crate::resources::enrollment_events::model::{Activity, BusyGroup};

#[derive(Clone)]
pub struct Overview {
    /// The number of live enrollments.
    pub live: i64,
    pub groups: i64,
    /// The number of workspaces that are in no group.
    pub ungrouped: i64,
    /// Up to today, in the viewer's time zone.
    pub days: Vec<DayActivity>,
    /// The groups with the most events in these days.
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
