//! The words for administrative events.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::actor::{PersonRef, Source};
use crate::kernel::id::{AdminEventId, PersonId};
use crate::kernel::page::{KeyValue, Position};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AdminAction {
    GroupCreated,
    GroupUpdated,
    GroupRemoved,
    WorkspaceCreated,
    WorkspaceUpdated,
    WorkspaceRemoved,
    PersonCreated,
    PersonUpdated,
    PersonDeleted,
    OperatorCreated,
    MadeAdmin,
    MadeSupport,
    OperatorDisabled,
    OperatorEnabled,
    SignInLinkCreated,
    OperatorLinked,
    OperatorUnlinked,
    TokenCreated,
    TokenRevoked,
    PasswordSet,
    PasswordChanged,
    SignedIn,
    SignInFailed,
    SignedOut,
    SessionEnded,
    SessionsEnded,
}

impl AdminAction {
    pub const ALL: [Self; 26] = [
        Self::GroupCreated,
        Self::GroupUpdated,
        Self::GroupRemoved,
        Self::WorkspaceCreated,
        Self::WorkspaceUpdated,
        Self::WorkspaceRemoved,
        Self::PersonCreated,
        Self::PersonUpdated,
        Self::PersonDeleted,
        Self::OperatorCreated,
        Self::MadeAdmin,
        Self::MadeSupport,
        Self::OperatorDisabled,
        Self::OperatorEnabled,
        Self::SignInLinkCreated,
        Self::OperatorLinked,
        Self::OperatorUnlinked,
        Self::TokenCreated,
        Self::TokenRevoked,
        Self::PasswordSet,
        Self::PasswordChanged,
        Self::SignedIn,
        Self::SignInFailed,
        Self::SignedOut,
        Self::SessionEnded,
        Self::SessionsEnded,
    ];

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::GroupCreated => "workspace_group_created",
            Self::GroupUpdated => "workspace_group_updated",
            Self::GroupRemoved => "workspace_group_removed",
            Self::WorkspaceCreated => "workspace_created",
            Self::WorkspaceUpdated => "workspace_updated",
            Self::WorkspaceRemoved => "workspace_removed",
            Self::PersonCreated => "people_created",
            Self::PersonUpdated => "people_updated",
            Self::PersonDeleted => "people_deleted",
            Self::OperatorCreated => "operator_created",
            Self::MadeAdmin => "operator_made_admin",
            Self::MadeSupport => "operator_made_support",
            Self::OperatorDisabled => "operator_disabled",
            Self::OperatorEnabled => "operator_enabled",
            Self::SignInLinkCreated => "sign_in_link_created",
            Self::OperatorLinked => "operator_linked",
            Self::OperatorUnlinked => "operator_unlinked",
            Self::TokenCreated => "api_token_created",
            Self::TokenRevoked => "api_token_revoked",
            Self::PasswordSet => "password_set",
            Self::PasswordChanged => "password_changed",
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignedOut => "signed_out",
            Self::SessionEnded => "session_ended",
            Self::SessionsEnded => "sessions_ended",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.word() == word)
    }

    /// Is the subject there since then?
    pub const fn makes_subject(self) -> bool {
        matches!(
            self,
            Self::GroupCreated
                | Self::WorkspaceCreated
                | Self::PersonCreated
                | Self::OperatorCreated
                | Self::TokenCreated
        )
    }

    /// The type of what it happened to.
    pub const fn subject_type(self) -> SubjectType {
        match self {
            Self::GroupCreated | Self::GroupUpdated | Self::GroupRemoved => SubjectType::Group,
            Self::WorkspaceCreated | Self::WorkspaceUpdated | Self::WorkspaceRemoved => {
                SubjectType::Workspace
            }
            Self::PersonCreated | Self::PersonUpdated | Self::PersonDeleted => SubjectType::Person,
            Self::OperatorCreated
            | Self::MadeAdmin
            | Self::MadeSupport
            | Self::OperatorDisabled
            | Self::OperatorEnabled
            | Self::SignInLinkCreated
            | Self::OperatorLinked
            | Self::OperatorUnlinked
            | Self::PasswordSet
            | Self::PasswordChanged
            | Self::SignedIn
            | Self::SignInFailed
            | Self::SignedOut
            | Self::SessionEnded
            | Self::SessionsEnded => SubjectType::Operator,
            Self::TokenCreated | Self::TokenRevoked => SubjectType::Token,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubjectType {
    Group,
    Workspace,
    Person,
    Operator,
    Token,
}

impl SubjectType {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Group => "workspace_group",
            Self::Workspace => "workspace",
            Self::Person => "people",
            Self::Operator => "operator",
            Self::Token => "api_token",
        }
    }
}

/// What it happened to; no id for an unknown e-mail address that tried to sign in.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub id: Option<Uuid>,
    pub name: &'a str,
}

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminEvent {
    pub id: AdminEventId,
    pub action: AdminAction,
    pub occurred_at: DateTime<Utc>,
    pub source: Source,
    /// The person, if still there.
    pub actor: Option<PersonRef>,
    /// The name as it was, also of a person who was deleted since.
    pub actor_name: Option<String>,
    pub token_name: Option<String>,
    pub subject_id: Option<Uuid>,
    pub subject_name: Option<String>,
}

/// Which entries; what is `None` lets all through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AdminEventFilter {
    pub action: Option<AdminAction>,
    pub actor: Option<PersonId>,
}

/// Where this entry stands in the log, newest first.
pub fn admin_event_position(event: &AdminEvent) -> Position {
    Position { keys: vec![KeyValue::Time(Some(event.occurred_at))], id: event.id.uuid() }
}
