//! The result of the last change, which the next page shows once.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use strum::VariantNames;

use crate::kernel::actor::{PersonRef, Role};
use crate::kernel::id::{ChangeSetId, EnrollmentId, GroupId, OperatorId, PersonId, WorkspaceId};
use crate::resources::change_sets::model::UndoSummary;
use crate::resources::enrollments::model::{BulkRemoval, MoveSummary};
use crate::resources::imports::model::ImportMode;
use crate::ui::error::UiError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named<I> {
    pub id: I,
    pub name: String,
}

/// The creator of an enrollment was changed; `None` is no creator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatorChange {
    pub enrollment: EnrollmentId,
    pub workspace: Named<WorkspaceId>,
    pub group: Named<GroupId>,
    pub from: Option<PersonId>,
    pub to: Option<PersonRef>,
}

/// A successful change, with what its message names and what "Undo" needs.
/// Of many workspaces, `already` were in the group before, and `gone` no longer exist. The `enrollments` of a deleted
/// person no longer have a creator. An import that was "started before" or "ended before" was left as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
pub enum Notice {
    GroupCreated {
        group: Named<GroupId>,
        workspaces: usize,
    },
    GroupRenamed {
        from: String,
        to: Named<GroupId>,
    },
    GroupRemoved {
        group: Named<GroupId>,
    },
    GroupSettingsSaved {
        group: Named<GroupId>,
    },
    Undone {
        change_set: ChangeSetId,
        summary: UndoSummary,
    },
    Moved {
        change_set: ChangeSetId,
        from: Named<GroupId>,
        to: Named<GroupId>,
        summary: MoveSummary,
        keeps: bool,
    },
    Restored {
        change_set: ChangeSetId,
        group: Named<GroupId>,
        enrolled: usize,
        removed: usize,
    },
    RemovedMatching {
        change_set: ChangeSetId,
        group: Named<GroupId>,
        workspaces: usize,
    },
    EnrolledMatching {
        change_set: ChangeSetId,
        group: Named<GroupId>,
        enrolled: usize,
        already: usize,
        gone: usize,
    },
    GroupEmptied {
        emptying: BulkRemoval,
        group_name: String,
        workspaces: usize,
    },
    GroupRestored {
        group: Named<GroupId>,
        enrolled: usize,
        already: usize,
        gone: usize,
    },
    Enrolled {
        enrollment: EnrollmentId,
        workspace: Named<WorkspaceId>,
        group: Named<GroupId>,
    },
    EnrolledMany {
        enrollments: Vec<EnrollmentId>,
        already: usize,
        group: Named<GroupId>,
    },
    Removed {
        enrollment: EnrollmentId,
        workspace: Named<WorkspaceId>,
        group: Named<GroupId>,
    },
    RemovedMany {
        enrollments: Vec<EnrollmentId>,
        group: Named<GroupId>,
    },
    AlreadyRemoved {
        workspace: Named<WorkspaceId>,
        group: Named<GroupId>,
    },
    CreatorChanged(CreatorChange),
    CreatorUnchanged {
        workspace: Named<WorkspaceId>,
        group: Named<GroupId>,
        to: Option<PersonRef>,
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
        enrollments: i64,
    },
    ImportDiscarded,
    ImportStarted {
        group: Named<GroupId>,
        #[serde(default)]
        mode: ImportMode,
    },
    ImportStartedBefore,
    ImportCancelled,
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
    OperatorDisabled {
        operator: OperatorId,
        name: String,
    },
    OperatorEnabled {
        name: String,
    },
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
    SignedOutEverywhere,
    TypedRestored,
}

/// A secret that one page shows. It leaves the session with the message and never appears in logs. `submitted_form.rs`
/// stores it for some minutes, encrypted with the key of the form.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Once(pub String);

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Once(…)")
    }
}

/// A message, and the text of a refused form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    pub outcome: Result<Notice, UiError>,
    pub typed: BTreeMap<String, String>,
    /// The name of the answer that is stored for a second form.
    #[serde(default)]
    pub answer: Option<String>,
}

impl Flash {
    pub fn error(&self) -> Option<&UiError> {
        self.outcome.as_ref().err()
    }
}
