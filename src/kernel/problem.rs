//! Every refusal as data. `api/error.rs` gives each one its error code and `ui/messages.rs` its sentence. Both match
//! without a wildcard, so a new refusal does not compile until both know it.

use chrono::{DateTime, Utc};
use strum::{IntoStaticStr, VariantNames};

use super::id::{
    AdminEventId, ChangeSetId, EnrollmentId, EventId, GroupId, ImportId, OperatorId, PersonId, TokenId,
    WorkspaceId,
};
use super::text::TextFault;

#[derive(Debug, Clone, PartialEq, Eq, VariantNames)]
pub enum Problem {
    EnrollmentNotFound(EnrollmentId),
    GroupNotFound(GroupId),
    WorkspaceNotFound(WorkspaceId),
    PersonNotFound(PersonId),
    EventNotFound(EventId),
    ChangeSetNotFound(ChangeSetId),
    /// What a preview showed has changed since.
    PreviewChanged,
    /// The preview was made before the database was restored from a backup.
    OtherHistory,
    /// A change set has nothing that could be undone, or nothing that is not undone.
    NothingToUndo,
    /// The import that made the change set has not ended.
    ImportUnderWay(ImportId),
    /// A move or copy within one group.
    SameGroup,
    /// A group is restored to a moment that is not past.
    MomentInFuture,
    AdminEventNotFound(AdminEventId),
    NotEnrolled {
        group: GroupId,
        workspace: WorkspaceId,
    },
    PersonEmailUnknown(String),
    AlreadyEnrolled(Box<LiveEnrollment>),
    GroupHasLiveEnrollments(i64),
    WorkspaceHasLiveEnrollments(i64),
    /// The number of enrollments is now this one and not the one that was confirmed.
    EnrollmentsChanged(usize),
    ChangedByOthers,
    /// The group requires a reason, `above` this number of changed enrollments, or always.
    ReasonRequired {
        group: GroupId,
        above: Option<i32>,
    },
    GroupRemoved(GroupId),
    WorkspaceRemoved(WorkspaceId),
    /// `None` if the other person has lost the address since.
    EmailTaken {
        email: String,
        person: Option<PersonId>,
    },
    /// `None` if the other workspace has lost the id since. A removed workspace keeps its id.
    ExternalIdTaken {
        external_id: String,
        workspace: Option<WorkspaceId>,
        is_removed: bool,
    },
    /// These words are neither the id nor the external id of a workspace.
    WorkspacesUnknown(Vec<String>),
    /// Operators cannot delete the person that they are linked to.
    OwnPerson,
    NothingSelected,
    NotConfirmed(String),
    ImportNotFound(ImportId),
    ImportStarted(ImportId),
    ImportRefused(ImportFault),
    /// An exact list removes this number of workspaces now, and not the number that its preview showed.
    RemovalsChanged(i64),
    /// The user has not typed the number of workspaces that are removed.
    RemovalsNotConfirmed(i64),
    /// A list would remove more workspaces from the group than its caller allows.
    TooManyRemovals {
        group: GroupId,
        removals: i64,
        max: i64,
    },
    /// A list would remove all workspaces from the group, and names none.
    GroupWouldBeEmpty(GroupId),
    OperatorExists(String),
    OperatorNotFound(OperatorId),
    OperatorEmailUnknown(String),
    TokenNotFound(TokenId),
    /// Operators cannot take from themselves the access that they would need to undo it.
    OwnOperator,
    LastAdmin,
    /// A disabled operator gets no sign-in link.
    OperatorDisabled(String),
    OperatorWithoutPerson(String),
    OperatorLinked(String),
    IdentityTaken,
    Invalid(Vec<InvalidField>),
    ScopeMissing,
    DayMalformed(String),
    DayOutOfRange,
    /// No page of ours sends such a form.
    FormMalformed,
    FormTooLarge {
        max: usize,
    },
    /// A parameter of the URL, as `name=value`.
    FilterUnknown(String),
    InvalidCursor,
    /// Too many workspaces or groups match the text of a filter, and no other filter limits the list.
    SearchTooBroad,
    /// More than one of these; never nested.
    Several(Vec<Problem>),
    Forbidden(Privilege),
    SignedOut,
    SignInRefused,
    /// The sign-in link was used, has expired or never existed.
    SignInLinkRefused,
    /// The next attempt to sign in is allowed in this many seconds.
    TriedTooOften {
        seconds: u32,
    },
    PasswordWrong,
    NotSignedInBy {
        provider: String,
        fault: ProviderFault,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveEnrollment {
    pub id: EnrollmentId,
    pub group: GroupId,
    pub group_name: String,
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    pub enrolled_by: Option<String>,
    pub enrolled_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidField {
    pub field: Field,
    pub fault: TextFault,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Field {
    Name,
    FirstName,
    LastName,
    Email,
    Password,
    Description,
    ExternalWorkspaceId,
    AvatarColor,
    Subject,
    Reason,
    Reference,
    ReasonAbove,
    ManagedBy,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportFault {
    Empty,
    TooManyLines {
        max: u32,
    },
    /// The limit, in bytes.
    TooLarge {
        max: usize,
    },
    /// UTF-16, the format of a spreadsheet program, or other data that is not UTF-8 text.
    NotText,
    /// A quote is not closed in a list that must be complete.
    QuoteNotClosed,
    BrokenOff,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderFault {
    Away,
    /// The settings do not match the provider, so a retry does not help.
    Misconfigured,
    Declined,
    /// The sign-in was started too long ago, was used before, or was not started in this browser.
    Stale,
    Unproven,
    /// The provider reports no e-mail address, or one that is not verified.
    EmailUnverified {
        subject: String,
    },
    EmailUnvouched {
        subject: String,
    },
    /// No operator has this e-mail address or is linked. A disabled operator gets the same answer.
    NoOperator(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privilege {
    /// Reading through the API: a token with scope `read`, or another one that includes it.
    Read,
    /// Reading both logs through the API: a token with scope `audit`.
    Audit,
    /// Changing groups, workspaces, people and enrollments: role `admin`, or a token with scope `write`.
    Write,
    /// Naming the creator of an enrollment: a token with scope `pipeline`.
    Attribute,
    /// Seeing and managing operators and tokens: role `admin`.
    Administer,
}

impl Problem {
    pub fn gathered(mut problems: Vec<Self>) -> Self {
        if problems.len() == 1 { problems.remove(0) } else { Self::Several(problems) }
    }

    pub fn invalid(field: Field, fault: TextFault) -> Self {
        Self::Invalid(vec![InvalidField { field, fault }])
    }
}
