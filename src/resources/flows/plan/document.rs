//! A plan as it is written to a file.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::file::PlanMode;
use crate::kernel::id::{ChangeSetId, GroupId, HistoryId, WorkspaceId};
use crate::kernel::version::Version;

/// The first member of a plan, so that no other file is taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlanFormat {
    #[serde(rename = "groupdesk-plan-1")]
    First,
}

/// What would make the groups of a file what the file says, bound to the state from which it was derived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub format: PlanFormat,
    pub made_at: DateTime<Utc>,
    pub history: HistoryId,
    /// Everything that the plan changes, also if it is applied in several runs.
    pub change_set: ChangeSetId,
    pub groups: Vec<GroupPlan>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupPlan {
    pub group: GroupId,
    pub name: String,
    pub mode: PlanMode,
    /// The version of the members from which the plan was derived, and of those to which it leads.
    pub version: Version,
    pub result: Version,
    pub enroll: Vec<EnrollStep>,
    pub remove: Vec<RemoveStep>,
    pub unchanged: usize,
    /// Lines that name a workspace again.
    pub duplicates: usize,
    pub failed: Vec<FailedLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnrollStep {
    pub line: usize,
    pub text: String,
    pub workspace: WorkspaceId,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveStep {
    /// The external id, or the id of a workspace without one.
    pub text: String,
    pub workspace: WorkspaceId,
}

/// A line of which nothing can be enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FailedLine {
    pub line: usize,
    pub text: String,
    pub why: FailedWhy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailedWhy {
    /// There is no such live workspace.
    Unknown,
    Unreadable,
}

impl GroupPlan {
    pub const fn changes(&self) -> usize {
        self.enroll.len() + self.remove.len()
    }
}

impl Plan {
    pub fn changes(&self) -> usize {
        self.groups.iter().map(GroupPlan::changes).sum()
    }

    pub fn failed(&self) -> usize {
        self.groups.iter().map(|group| group.failed.len()).sum()
    }

    /// The groups in the order in which they are locked.
    pub fn in_lock_order(&self) -> Vec<&GroupPlan> {
        let mut groups: Vec<&GroupPlan> = self.groups.iter().collect();
        groups.sort_by_key(|group| group.group);
        groups
    }
}
