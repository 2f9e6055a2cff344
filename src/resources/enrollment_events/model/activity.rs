//! Counts of events.

use serde::{Deserialize, Serialize};

use crate::kernel::id::GroupId;

/// Numbers of events in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Activity {
    pub enrolled: i64,
    pub removed: i64,
}

/// A group with many events in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusyGroup {
    pub group: GroupId,
    pub name: String,
    pub activity: Activity,
}
