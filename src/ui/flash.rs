//! The result of the last change, which the next page shows once.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kernel::actor::{PersonRef, Role};
use crate::kernel::id::{EnrollmentId, GroupId, OperatorId, PersonId, WorkspaceId};
use crate::resources::enrollments::model::BulkRemoval;
use crate::ui::error::{FieldFaults, Link, UiError};

/// A row with a page, and its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named<I> {
    pub id: I,
    pub name: String,
}

/// A successful change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    GroupCreated {
        group: Named<GroupId>,
        workspaces: usize,
    },
    /// "Undo" removes it.
    Enrolled {
        enrollment: EnrollmentId,
        workspace: Named<WorkspaceId>,
        group: Named<GroupId>,
    },
    /// "Undo" enrolls it again.
    Removed {
        enrollment: EnrollmentId,
        workspace: Named<WorkspaceId>,
        group: Named<GroupId>,
    },
    /// "Undo" enrolls them again.
    RemovedMany {
        enrollments: Vec<EnrollmentId>,
        group: Named<GroupId>,
    },
    /// "Undo" removes them.
    EnrolledMany {
        enrollments: Vec<EnrollmentId>,
        already: usize,
        group: Named<GroupId>,
    },
    /// All workspaces of a group were removed. "Undo" enrolls them again.
    GroupEmptied {
        emptying: BulkRemoval,
        group_name: String,
        workspaces: usize,
    },
    /// A bulk removal was undone.
    GroupRestored {
        group: Named<GroupId>,
        enrolled: usize,
        already: usize,
        /// The number of enrollments whose workspaces no longer exist.
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
        /// The number of enrollments that no longer have a creator.
        enrollments: i64,
    },
    /// "Undo" sets the previous creator.
    CreatorChanged {
        enrollment: EnrollmentId,
        workspace: Named<WorkspaceId>,
        group: Named<GroupId>,
        from: Option<PersonId>,
        /// `None`: no creator.
        to: Option<PersonRef>,
    },
    /// The person already was the creator.
    CreatorUnchanged {
        workspace: Named<WorkspaceId>,
        group: Named<GroupId>,
        to: Option<PersonRef>,
    },
    AlreadyRemoved {
        workspace: Named<WorkspaceId>,
        group: Named<GroupId>,
    },
    /// Nothing was enrolled.
    ImportDiscarded,
    /// Someone else started it, or an earlier click.
    ImportStartedBefore,
    ImportStarted {
        group: Named<GroupId>,
    },
    ImportCancelled,
    /// It had ended before it could be cancelled.
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
    /// "Undo" enables them.
    OperatorDisabled {
        operator: OperatorId,
        name: String,
    },
    OperatorEnabled {
        name: String,
    },
    /// Linked to an account at the identity provider.
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
    /// A form that was sent after its session had ended is restored.
    TypedRestored,
    SignedOutEverywhere,
}

/// A secret that one page shows. It leaves the session with the message and never appears in logs. `repeated_forms.rs`
/// stores it for some minutes, encrypted with the key of the form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Once(pub String);

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Once(…)")
    }
}

/// A message, and the text of a refused form. The faults and the link are stored beside the error, which leaves them out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    pub outcome: Result<Notice, UiError>,
    pub typed: BTreeMap<String, String>,
    /// The faults of single fields.
    pub faults: FieldFaults,
    /// A page that explains the refusal.
    pub about: Option<Link>,
    /// The name of the answer that is stored for a second form.
    #[serde(default)]
    pub answer: Option<String>,
}

impl Flash {
    /// `typed`: the text of a refused form.
    pub fn new(outcome: Result<Notice, UiError>, typed: BTreeMap<String, String>) -> Self {
        let (faults, about) = match &outcome {
            Ok(_) => (FieldFaults::new(), None),
            Err(error) => (error.fields.clone(), error.about.clone()),
        };
        Self { outcome, typed, faults, about, answer: None }
    }
}
