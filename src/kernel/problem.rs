//! Every refusal as data. `api/error.rs` gives each one its HTTP status and error code, `ui/messages.rs` its sentence.
//! Both match without a wildcard, so a new refusal does not compile until both know it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use super::id::{
    AdminEventId, EnrollmentId, EventId, GroupId, ImportId, OperatorId, PersonId, TokenId, WorkspaceId,
};
use super::text::TextFault;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    EnrollmentNotFound(EnrollmentId),
    GroupNotFound(GroupId),
    WorkspaceNotFound(WorkspaceId),
    PersonNotFound(PersonId),
    EventNotFound(EventId),
    AdminEventNotFound(AdminEventId),
    NotEnrolled {
        group: GroupId,
        workspace: WorkspaceId,
    },
    PersonEmailUnknown(String),
    /// The pair already has this live enrollment.
    AlreadyEnrolled(Box<LiveEnrollment>),
    /// A group with this many live enrollments cannot be removed.
    GroupHasLiveEnrollments(i64),
    /// A workspace with this many live enrollments cannot be removed.
    WorkspaceHasLiveEnrollments(i64),
    /// There are now this many enrollments, which differs from the number that was confirmed.
    EnrollmentsChanged(usize),
    /// The stored values have changed since the caller read them.
    ChangedMeanwhile,
    GroupRemoved(GroupId),
    WorkspaceRemoved(WorkspaceId),
    /// Another person has this e-mail address: `person`, unless they have lost it since.
    EmailTaken {
        email: String,
        person: Option<PersonId>,
    },
    /// Another workspace has this external id: `workspace`, unless it has lost it since. A removed workspace keeps its
    /// external id.
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
    /// The text that was typed to confirm is not this one.
    NotConfirmed(String),
    ImportNotFound(ImportId),
    /// An import that has started cannot be discarded.
    ImportStarted(ImportId),
    ImportRefused(ImportFault),
    OperatorExists(String),
    OperatorNotFound(OperatorId),
    OperatorEmailUnknown(String),
    TokenNotFound(TokenId),
    /// Operators cannot take from themselves the access that they would need to undo it.
    OwnOperator,
    /// Without this operator nobody could sign in as an admin.
    LastAdmin,
    /// A disabled operator gets no sign-in link.
    OperatorDisabled(String),
    /// The person whom the operator was linked to was deleted.
    OperatorWithoutPerson(String),
    /// The operator with this name is linked to another account at the identity provider.
    OperatorLinked(String),
    /// Another operator is linked to this account at the identity provider.
    IdentityTaken,
    /// All invalid values, not only the first.
    Invalid(Vec<InvalidField>),
    ScopeMissing,
    /// The text is not a day such as `2026-05-28`.
    DayMalformed(String),
    /// The day is in the past or too far in the future.
    DayOutOfRange,
    /// No page of ours sends such a form.
    FormMalformed,
    FormTooLarge {
        max: usize,
    },
    /// The URL has an unknown parameter, given as `name=value`.
    FilterUnknown(String),
    /// The cursor was not issued for this list.
    InvalidCursor,
    /// More than one of these; never nested.
    Several(Vec<Problem>),
    /// The caller is authenticated and lacks this privilege.
    Forbidden(Privilege),
    /// Nobody is signed in, or the session has ended.
    SignedOut,
    /// The e-mail address or the password is wrong.
    SignInRefused,
    /// The sign-in link was used, has expired or never existed.
    SignInLinkRefused,
    /// There were too many attempts to sign in; the next one is allowed in this many seconds.
    TriedTooOften {
        seconds: u32,
    },
    PasswordWrong,
    /// The sign-in with the identity provider of this name failed.
    NotSignedInBy {
        provider: String,
        fault: ProviderFault,
    },
}

/// The live enrollment that conflicts, with the names that explain it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveEnrollment {
    pub id: EnrollmentId,
    pub group: GroupId,
    pub group_name: String,
    pub workspace: WorkspaceId,
    pub workspace_name: String,
    pub enrolled_by: Option<String>,
    pub enrolled_at: DateTime<Utc>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvalidField {
    pub field: Field,
    pub fault: TextFault,
}

/// The fields that people fill in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
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
    /// The subject of an account at an identity provider.
    Subject,
}

/// Why a whole list is refused. Nothing of it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportFault {
    Empty,
    /// More than `max` ids.
    TooManyLines {
        max: u32,
    },
    /// More than `max` bytes.
    TooLarge {
        max: usize,
    },
    /// UTF-16, the format of a spreadsheet program, or other data that is not UTF-8 text.
    NotText,
    /// The upload ended early.
    BrokenOff,
}

/// Why an identity provider did not sign somebody in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProviderFault {
    /// The provider is unreachable or overloaded.
    Away,
    /// The settings do not match the provider, so a retry does not help.
    Misconfigured,
    /// The sign-in was declined at the provider.
    Declined,
    /// The sign-in was started too long ago, was used before, or was not started in this browser.
    Stale,
    /// The answer of the provider could not be verified.
    Unproven,
    /// The provider reports an e-mail address that is not verified, or none.
    EmailUnverified { subject: String },
    /// The provider does not report whether the e-mail address is verified.
    EmailUnvouched { subject: String },
    /// No operator who may sign in has this e-mail address or is linked. A disabled operator gets the same answer, so
    /// that it reveals nothing.
    NoOperator(String),
}

/// A privilege that a caller may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    /// One problem as it is, several as [`Self::Several`].
    pub fn gathered(mut problems: Vec<Self>) -> Self {
        if problems.len() == 1 { problems.remove(0) } else { Self::Several(problems) }
    }

    pub fn invalid(field: Field, fault: TextFault) -> Self {
        Self::Invalid(vec![InvalidField { field, fault }])
    }
}
