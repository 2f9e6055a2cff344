//! What the last change came to, told once, on the page that follows it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::actor::{PersonRef, Role};
use crate::kernel::id::{EnrollmentId, GroupId, OperatorId, PersonId, WorkspaceId};
use crate::resources::enrollments::model::BulkRemoval;
use crate::ui::error::{FieldFaults, Link, UiError};

/// Something that has a page, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named<I> {
    pub id: I,
    pub name: String,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    GroupCreated {
        group: Named<GroupId>,
        workspaces: usize,
    },
    /// Undone by removing.
    Enrolled {
        enrollment: EnrollmentId,
        workspace: Named<WorkspaceId>,
        group: Named<GroupId>,
    },
    /// Undone by adding again.
    Removed {
        enrollment: EnrollmentId,
        workspace: Named<WorkspaceId>,
        group: Named<GroupId>,
    },
    /// Undone by adding them again.
    RemovedMany {
        enrollments: Vec<EnrollmentId>,
        group: Named<GroupId>,
    },
    /// Undone by removing them.
    EnrolledMany {
        enrollments: Vec<EnrollmentId>,
        already: usize,
        group: Named<GroupId>,
    },
    /// All that was in a group was removed. Undone by enrolling it again.
    Emptied {
        emptying: BulkRemoval,
        group_name: String,
        workspaces: usize,
    },
    /// All that was removed from a group at once was enrolled again.
    Refilled {
        group: Named<GroupId>,
        enrolled: usize,
        already: usize,
        /// Whose workspaces are no more.
        gone: usize,
    },
    GroupRenamed {
        from: String,
        to: Named<GroupId>,
    },
    GroupRemoved {
        group: Named<GroupId>,
    },
    WorkspaceCreated {
        workspace: Named<WorkspaceId>,
    },
    WorkspaceSaved {
        workspace: Named<WorkspaceId>,
    },
    ExternalIdReleased {
        workspace: Named<WorkspaceId>,
    },
    WorkspaceRemoved {
        workspace: Named<WorkspaceId>,
    },
    PersonCreated {
        person: PersonRef,
    },
    PersonSaved {
        person: PersonRef,
    },
    PersonDeleted {
        name: String,
        /// How many enrollments stand in nobody's name since.
        enrollments: i64,
    },
    /// Undone by correcting it back.
    AttributionCorrected {
        enrollment: EnrollmentId,
        workspace: Named<WorkspaceId>,
        group: Named<GroupId>,
        from: Option<PersonId>,
        /// `None`: nobody's.
        to: Option<PersonRef>,
    },
    /// It stood in this name before.
    AttributionUnchanged {
        workspace: Named<WorkspaceId>,
        group: Named<GroupId>,
        to: Option<PersonRef>,
    },
    AlreadyRemoved {
        workspace: Named<WorkspaceId>,
        group: Named<GroupId>,
    },
    /// A list was thrown away before anything was enrolled.
    ImportDiscarded,
    /// By somebody else, or by an earlier press of the same button.
    ImportStartedBefore,
    ImportStarted {
        group: Named<GroupId>,
    },
    ImportCancelled,
    /// There was nothing left to cancel.
    ImportEndedBefore,
    TokenCreated {
        name: String,
        text: Once,
    },
    TokenRevoked {
        name: String,
    },
    OperatorInvited {
        name: String,
        link: Once,
    },
    LinkCreated {
        name: String,
        link: Once,
    },
    RoleGiven {
        name: String,
        role: Role,
    },
    /// Undone by enabling.
    OperatorDisabled {
        operator: OperatorId,
        name: String,
    },
    OperatorEnabled {
        name: String,
    },
    /// From the identity provider.
    OperatorLinked {
        name: String,
    },
    OperatorUnlinked {
        name: String,
    },
    PasswordChanged,
    SessionEnded,
    OtherSessionsEnded {
        ended: u64,
    },
    SignedOut,
    /// One was signed out when one sent a form; it stands there as it was typed.
    TypedKept,
    SignedOutEverywhere,
}

impl Notice {
    /// Does it tell of something new? (Not of what has a secret, which is not kept for long.)
    pub const fn creates(&self) -> bool {
        matches!(self, Self::GroupCreated { .. } | Self::WorkspaceCreated { .. } | Self::PersonCreated { .. })
    }
}

/// A secret that one page shows: it leaves the session with the message, and no log line holds it. For whoever
/// sends the form once more it is kept for some minutes, sealed with the form's key.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Once(pub String);

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Once(…)")
    }
}

/// One message, and what was typed into a form that was refused, so that it can be typed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    pub outcome: Result<Notice, UiError>,
    pub typed: BTreeMap<String, String>,
    /// What was wrong with it, field by field.
    pub faults: FieldFaults,
    /// Where more is to be seen of why it was refused.
    pub about: Option<Link>,
    /// The key of the answer that was kept for a second form, where one was.
    #[serde(default)]
    pub answer: Option<String>,
}

impl Flash {
    /// Of something that was done.
    pub fn of(notice: Notice) -> Self {
        Self {
            outcome: Ok(notice),
            typed: BTreeMap::new(),
            faults: BTreeMap::new(),
            about: None,
            answer: None,
        }
    }

    pub fn typed(&self, field: &str) -> String {
        self.typed.get(field).cloned().unwrap_or_default()
    }
}
