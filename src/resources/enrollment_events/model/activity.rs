//! How much happened, and where the most.

use serde::{Deserialize, Serialize};

use crate::kernel::id::GroupId;

/// How many enrollments and removals there were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Activity {
    pub enrolled: i64,
    pub removed: i64,
}

/// A group in which much happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusyGroup {
    pub group: GroupId,
    pub name: String,
    pub activity: Activity,
}
