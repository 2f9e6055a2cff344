//! The types of change sets.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

use crate::kernel::actor::{ChangeNote, Source};
use crate::kernel::id::{ChangeSetId, EnrollmentId, GroupId, HistoryId, WorkspaceId};
use crate::kernel::version::Version;
use crate::resources::enrollment_events::model::EventActor;
use crate::resources::enrollment_events::model::origin::ChangeOrigin;

/// Above this number of changes, a change of one group is made in the background, so that neither the user nor other
/// changes of the group wait for it.
pub const AT_ONCE_MAX: usize = 5_000;

/// The numbers of the events of a change set, and of the groups that they concern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChangeCounts {
    pub enrolled: i64,
    pub removed: i64,
    pub corrected: i64,
    pub groups: i64,
}

/// A change set, as its first event describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSet {
    pub id: ChangeSetId,
    pub occurred_at: DateTime<Utc>,
    pub source: Source,
    pub actor: EventActor,
    pub token_name: Option<String>,
    pub request_id: Option<String>,
    pub note: ChangeNote,
    pub origin: Option<ChangeOrigin>,
    /// The change sets that undid this one, or a part of it, the earliest first.
    pub undone_by: Vec<ChangeSetId>,
    pub counts: ChangeCounts,
}

/// What an undo does with a pair of a group and a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, EnumString)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum UndoVerdict {
    /// The enrollment is removed.
    Remove,
    /// The workspace is enrolled again.
    Enroll,
    /// It was removed since, as the undo would do.
    RemovedSince,
    /// It was enrolled again since, as the undo would do.
    EnrolledSince,
    /// It was enrolled and removed again since, so others have decided.
    ChangedSince,
    /// The group or the workspace is archived.
    Gone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UndoStep {
    pub group: GroupId,
    pub workspace: WorkspaceId,
    /// The last enrollment of the pair that the change set enrolled or removed.
    pub enrollment: EnrollmentId,
    pub verdict: UndoVerdict,
}

/// What an undo would do, bound to the state from which it was derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoPlan {
    pub steps: Vec<UndoStep>,
    pub history: HistoryId,
}

impl UndoPlan {
    pub fn count(&self, verdict: UndoVerdict) -> usize {
        self.steps.iter().filter(|step| step.verdict == verdict).count()
    }

    /// The number of enrollments that would change.
    pub fn changes(&self) -> usize {
        self.count(UndoVerdict::Remove) + self.count(UndoVerdict::Enroll)
    }

    pub fn remove(&self) -> Vec<EnrollmentId> {
        let steps = self.steps.iter().filter(|step| step.verdict == UndoVerdict::Remove);
        steps.map(|step| step.enrollment).collect()
    }

    pub fn enroll(&self) -> Vec<WorkspaceId> {
        let steps = self.steps.iter().filter(|step| step.verdict == UndoVerdict::Enroll);
        steps.map(|step| step.workspace).collect()
    }

    pub fn version(&self) -> Version {
        Version::of_many(self.steps.iter().map(|step| {
            format!("{} {} {} {}", step.group, step.workspace, step.enrollment, step.verdict.into_str())
        }))
    }
}

/// What an undo did: numbers of enrollments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UndoSummary {
    pub enrolled: usize,
    pub removed: usize,
    /// What others have changed since, and what is gone.
    pub left_alone: usize,
}
