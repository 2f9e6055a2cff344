//! What the last change came to, told once, on the page that follows it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::trouble::Trouble;
use crate::kernel::id::{EnrollmentId, GroupId, PersonId};

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    GroupCreated {
        group: GroupId,
        name: String,
        workspaces: usize,
    },
    /// Undone by removing.
    Enrolled {
        enrollment: EnrollmentId,
        workspace: String,
        group: String,
    },
    /// Undone by adding again.
    Removed {
        enrollment: EnrollmentId,
        workspace: String,
        group: String,
    },
    /// Undone by adding them again.
    RemovedMany {
        enrollments: Vec<EnrollmentId>,
        group: GroupId,
        group_name: String,
    },
    /// Undone by removing them.
    EnrolledMany {
        enrollments: Vec<EnrollmentId>,
        already: usize,
        group: GroupId,
        group_name: String,
    },
    /// All that was in a group was removed.
    Emptied {
        group: String,
        workspaces: usize,
    },
    GroupRenamed {
        from: String,
        to: String,
    },
    GroupRemoved {
        name: String,
    },
    WorkspaceCreated {
        name: String,
    },
    WorkspaceSaved {
        name: String,
    },
    WorkspaceRemoved {
        name: String,
    },
    PersonCreated {
        name: String,
    },
    PersonSaved {
        name: String,
    },
    PersonDeleted {
        name: String,
        /// How many enrollments stand in nobody's name since.
        enrollments: i64,
    },
    /// Undone by correcting it back.
    AttributionCorrected {
        enrollment: EnrollmentId,
        workspace: String,
        group: String,
        from: Option<PersonId>,
        /// By name; `None`: nobody's.
        to: Option<String>,
    },
    AlreadyRemoved {
        workspace: String,
        group: String,
    },
    SignedOut,
}

/// One message, and what was typed into a form that was refused, so that it can be typed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    pub outcome: Result<Notice, Trouble>,
    pub typed: BTreeMap<String, String>,
}

impl Flash {
    pub fn typed(&self, field: &str) -> String {
        self.typed.get(field).cloned().unwrap_or_default()
    }
}
