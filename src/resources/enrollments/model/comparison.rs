//! Comparing the workspaces of a group at two moments.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use super::{Enrollment, EnrollmentFilter, EnrollmentSort, EnrollmentSortKey, Liveness, PairAt};
use crate::kernel::id::GroupId;
use crate::kernel::page::{Sort, TimeRange};

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, EnumString, VariantArray,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Change {
    Added,
    Removed,
    /// In the group at both moments, even if it was removed and added again in between.
    Unchanged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    pub group: GroupId,
    pub earlier: DateTime<Utc>,
    pub later: DateTime<Utc>,
}

impl Comparison {
    pub fn between(group: GroupId, one: DateTime<Utc>, other: DateTime<Utc>) -> Self {
        Self { group, earlier: one.min(other), later: one.max(other) }
    }

    /// The rows that show this change, one for each workspace: the row that was live at the later moment, or for a
    /// removed workspace at the earlier one. The time ranges follow from the other conditions and lead to an index.
    pub fn rows(&self, change: Change) -> EnrollmentFilter {
        let (live_at, other, was_in) = match change {
            Change::Added => (self.later, self.earlier, false),
            Change::Removed => (self.earlier, self.later, false),
            Change::Unchanged => (self.later, self.earlier, true),
        };
        // The next moment that the database distinguishes from the later one.
        let end = self.later + TimeDelta::microseconds(1);
        let mut filter = EnrollmentFilter {
            liveness: Liveness::AsOf(live_at),
            pair_at: Some(PairAt { moment: other, was_in }),
            ..EnrollmentFilter::in_group(self.group)
        };
        match change {
            Change::Added => filter.created_at.from = Some(self.earlier),
            Change::Removed => filter.deleted_at = TimeRange { from: Some(self.earlier), before: Some(end) },
            Change::Unchanged => {}
        }
        filter
    }

    /// True if the workspace of this row from [`Self::rows`] was removed and added again between the moments.
    pub fn is_readded(&self, change: Change, row: &Enrollment) -> bool {
        change == Change::Unchanged && row.created_at > self.earlier
    }

    /// The last change first, and unchanged workspaces by their time in the group, the longest first: those have one row
    /// for both moments, so that a page fills up before it reaches rows that have to be looked up in vain.
    pub fn sort(change: Change) -> EnrollmentSort {
        match change {
            Change::Added => Sort::descending(EnrollmentSortKey::CreatedAt),
            Change::Removed => Sort::descending(EnrollmentSortKey::DeletedAt).with_tie(),
            Change::Unchanged => Sort(vec![(EnrollmentSortKey::CreatedAt, false)]),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ComparisonCounts {
    pub added: i64,
    pub removed: i64,
    pub unchanged: i64,
    /// A part of `unchanged`.
    pub readded: i64,
}

impl ComparisonCounts {
    pub const fn of(&self, change: Change) -> i64 {
        match change {
            Change::Added => self.added,
            Change::Removed => self.removed,
            Change::Unchanged => self.unchanged,
        }
    }
}
