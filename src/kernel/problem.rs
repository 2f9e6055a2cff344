//! Every way in which we refuse, as data. What a refusal is called in HTTP is said in
//! `api/error.rs`, what it sounds like to a person in `ui/messages.rs`; both match on this type
//! without a wildcard, so a new refusal does not compile until both can say it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::id::{EnrollmentId, EventId, GroupId, ImportId, OperatorId, PersonId, TokenId, WorkspaceId};
use super::text::TextFault;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    EnrollmentNotFound(EnrollmentId),
    GroupNotFound(GroupId),
    WorkspaceNotFound(WorkspaceId),
    PersonNotFound(PersonId),
    EventNotFound(EventId),
    /// The workspace is not in the group now.
    NotEnrolled {
        group: GroupId,
        workspace: WorkspaceId,
    },
    /// No person has this e-mail address.
    PersonEmailUnknown(String),
    /// The pair has a live enrollment: this one.
    AlreadyEnrolled(Box<LiveEnrollment>),
    /// A group with this many live enrollments cannot be removed.
    GroupHasLiveEnrollments(i64),
    /// A workspace with this many live enrollments cannot be removed.
    WorkspaceHasLiveEnrollments(i64),
    /// So many enrollments are there by now, and not as many as was agreed to.
    EnrollmentsChanged(usize),
    /// What was to be changed is not as it was when whoever asked set out to.
    ChangedMeanwhile,
    /// A removed group is not changed any more.
    GroupRemoved(GroupId),
    /// A removed workspace is not changed any more.
    WorkspaceRemoved(WorkspaceId),
    /// Another person has this e-mail address: this one, if they still have it when that is looked up.
    EmailTaken {
        email: String,
        person: Option<PersonId>,
    },
    /// Another workspace has this external id: this one, if it still has it when that is looked up. A removed one
    /// keeps its own.
    ExternalIdTaken {
        external_id: String,
        workspace: Option<WorkspaceId>,
        is_removed: bool,
    },
    /// These words name no workspace, neither by id nor by external id.
    WorkspacesUnknown(Vec<String>),
    /// Nobody deletes the person in whose name they are signed in.
    OwnPerson,
    /// None was selected of what the form lists.
    NothingSelected,
    /// What was typed to confirm is not this.
    NotConfirmed(String),
    ImportNotFound(ImportId),
    /// An import that was started is not discarded any more.
    ImportStarted(ImportId),
    /// A list that cannot be taken for an import.
    ImportRefused(ImportFault),
    /// An operator with this e-mail address is there already.
    OperatorExists(String),
    OperatorNotFound(OperatorId),
    /// No operator has this e-mail address.
    OperatorEmailUnknown(String),
    TokenNotFound(TokenId),
    /// Nobody takes from themselves what they would need to give it back.
    OwnOperator,
    /// Without this one nobody could sign in as an admin.
    LastAdmin,
    /// A disabled operator gets no sign-in link.
    OperatorDisabled(String),
    /// The person behind the operator was deleted.
    OperatorWithoutPerson(String),
    /// The operator of this name is linked to another account of the identity provider.
    OperatorLinked(String),
    /// Another operator is linked to this account of the identity provider.
    IdentityTaken,
    /// Values that cannot be: all of them, not only the first.
    Invalid(Vec<InvalidField>),
    /// A token that may do nothing.
    ScopeMissing,
    /// Not a day of the form `2026-05-28`.
    DayMalformed(String),
    /// A day that is over, or further off than anybody plans.
    DayOutOfRange,
    /// A form that no page of ours has.
    FormMalformed,
    /// A form that holds more than `max` bytes.
    FormTooLarge {
        max: usize,
    },
    /// An address asks for what there is not: its parameter, as `name=value`.
    FilterUnknown(String),
    /// The place in a list that was sent is not one that we handed out for this list.
    InvalidCursor,
    /// More than one of these at once; never nested.
    Several(Vec<Problem>),
    /// Signed in, but this takes more than the caller may do.
    Forbidden(Privilege),
    /// Nobody is signed in, or not any more.
    SignedOut,
    /// E-mail address and password do not belong together.
    SignInRefused,
    /// The one-time link was used, has expired or never was.
    SignInLinkRefused,
    /// Passwords were tried too often; the next may be in so many seconds.
    TriedTooOften {
        seconds: u32,
    },
    /// What was given as one's present password is not.
    PasswordWrong,
    /// The identity provider of this name did not sign somebody in, or somebody who may not.
    NotSignedInBy {
        provider: String,
        fault: ProviderFault,
    },
}

/// The live enrollment that stands in the way, with the names to explain it by.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Field {
    Name,
    FirstName,
    LastName,
    Email,
    Password,
    Description,
    ExternalWorkspaceId,
    AvatarColor,
    /// By which an identity provider knows somebody.
    Subject,
}

impl Field {
    /// The name in documents.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Email => "email",
            Self::Password => "password",
            Self::Description => "description",
            Self::ExternalWorkspaceId => "external_workspace_id",
            Self::AvatarColor => "avatar_color",
            Self::Subject => "subject",
        }
    }
}

/// Why a list is refused as a whole; nothing of it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImportFault {
    /// Nothing is in it.
    Empty,
    /// More than `max` ids.
    TooManyLines { max: u32 },
    /// More than `max` bytes.
    TooLarge { max: usize },
    /// UTF-16, a spreadsheet's own format, or anything else that is not text.
    NotText,
    /// It broke off before its end.
    BrokenOff,
}

/// Why somebody was not signed in by an identity provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProviderFault {
    /// It is not reached, or has no answer at the moment.
    Away,
    /// The desk's settings and the provider do not fit together, and trying again does not help.
    Misconfigured,
    /// It was declined there.
    Declined,
    /// The sign-in was begun too long ago, was used before, or was not begun in this browser.
    Stale,
    /// What came from there is not proven.
    Unproven,
    /// It says that somebody's e-mail address is not verified, or has none.
    EmailUnverified { subject: String },
    /// It does not say whether somebody's e-mail address is verified.
    EmailUnvouched { subject: String },
    /// Nobody who may sign in is known by this e-mail address, or linked. Whether somebody is who may not,
    /// is not told.
    NoOperator(String),
}

/// What a caller may lack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Privilege {
    /// Run the flows: role `admin`, or a token with scope `write`.
    Write,
    /// Say in whose name an enrollment stands: a token with scope `pipeline`.
    Attribute,
    /// See and manage operators and tokens: role `admin`.
    Administer,
}

impl Problem {
    /// One problem as it is, more than one as [`Self::Several`].
    pub fn gathered(mut problems: Vec<Self>) -> Self {
        match (problems.pop(), problems.is_empty()) {
            (Some(only), true) => only,
            (Some(last), false) => {
                problems.push(last);
                Self::Several(problems)
            }
            (None, _) => Self::Several(problems),
        }
    }

    pub fn invalid(field: Field, fault: TextFault) -> Self {
        Self::Invalid(vec![InvalidField { field, fault }])
    }
}
