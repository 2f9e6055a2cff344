//! What a group held at one moment, beside what it held at another.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{Enrollment, EnrollmentFilter, EnrollmentSort, EnrollmentSortKey, Liveness, PairAt};
use crate::kernel::id::GroupId;
use crate::kernel::page::{Sort, TimeRange};

/// What became of a workspace between the two moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// Not in at the earlier, in at the later.
    Added,
    /// In at the earlier, not in at the later.
    Removed,
    /// In at both, whatever happened between.
    Unchanged,
}

impl Change {
    pub const ALL: [Self; 3] = [Self::Added, Self::Removed, Self::Unchanged];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Unchanged => "unchanged",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|change| change.word() == word)
    }
}

/// A group at two moments, the earlier first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    pub group: GroupId,
    pub earlier: DateTime<Utc>,
    pub later: DateTime<Utc>,
}

impl Comparison {
    /// The moments in either order.
    pub fn between(group: GroupId, one: DateTime<Utc>, other: DateTime<Utc>) -> Self {
        Self { group, earlier: one.min(other), later: one.max(other) }
    }

    /// The rows that tell of this change, one a workspace: of what is in at the later moment the row by
    /// which it is, of what was removed the row by which it was. The ranges follow from the rest; they
    /// are said for the index.
    pub fn rows(&self, change: Change) -> EnrollmentFilter {
        let of_group = EnrollmentFilter { groups: vec![self.group], ..EnrollmentFilter::default() };
        let pair_at = |moment, was_in| Some(PairAt { moment, was_in });
        match change {
            Change::Added => EnrollmentFilter {
                liveness: Liveness::AsOf(self.later),
                pair_at: pair_at(self.earlier, false),
                created_at: TimeRange { from: Some(self.earlier), before: None },
                ..of_group
            },
            Change::Removed => EnrollmentFilter {
                liveness: Liveness::AsOf(self.earlier),
                pair_at: pair_at(self.later, false),
                deleted_at: TimeRange { from: Some(self.earlier), before: Some(just_after(self.later)) },
                ..of_group
            },
            Change::Unchanged => EnrollmentFilter {
                liveness: Liveness::AsOf(self.later),
                pair_at: pair_at(self.earlier, true),
                ..of_group
            },
        }
    }

    /// Was the workspace of this row, one of [`Self::rows`], removed and added again between the moments?
    pub fn is_readded(&self, change: Change, row: &Enrollment) -> bool {
        change == Change::Unchanged && row.created_at > self.earlier
    }

    /// The last change first. What did not change, the longest in first: those are in at both moments by
    /// one row, and a page is full of them before it meets the others.
    pub fn sort(change: Change) -> EnrollmentSort {
        match change {
            Change::Added => Sort::descending(EnrollmentSortKey::CreatedAt),
            Change::Removed => Sort::descending(EnrollmentSortKey::DeletedAt)
                .with_tie(EnrollmentSortKey::DeletedAt, EnrollmentSortKey::CreatedAt),
            Change::Unchanged => Sort(vec![(EnrollmentSortKey::CreatedAt, false)]),
        }
    }
}

/// The next moment that the database can tell from this one.
fn just_after(moment: DateTime<Utc>) -> DateTime<Utc> {
    moment + TimeDelta::microseconds(1)
}

/// How many workspaces each is true of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ComparisonCounts {
    pub added: i64,
    pub removed: i64,
    pub unchanged: i64,
    /// Of the unchanged, those that were removed and added again between.
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
