//! The types of restores.

use serde::{Deserialize, Serialize};

use crate::kernel::id::{EnrollmentId, HistoryId, WorkspaceId};
use crate::kernel::version::Version;

/// Numbers of workspaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RestoreCounts {
    pub enroll: usize,
    pub remove: usize,
    /// They are in the group and were in it.
    pub unchanged: usize,
    /// They were in the group and are archived.
    pub gone: usize,
}

/// What a restore would do, bound to the state from which it was derived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestorePlan {
    pub enroll: Vec<WorkspaceId>,
    pub remove: Vec<EnrollmentId>,
    pub counts: RestoreCounts,
    pub history: HistoryId,
}

impl RestorePlan {
    pub fn version(&self) -> Version {
        let enroll = self.enroll.iter().map(|id| format!("enroll {id}"));
        Version::of_many(enroll.chain(self.remove.iter().map(|id| format!("remove {id}"))))
    }
}
