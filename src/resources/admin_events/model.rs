//! The words for administrative events.

use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    TokenCreated,
    PasswordSet,
    SignedIn,
    SignInFailed,
    SignedOut,
}

impl AdminAction {
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
            Self::TokenCreated => "api_token_created",
            Self::PasswordSet => "password_set",
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignedOut => "signed_out",
        }
    }

    /// The type of what it happened to.
    pub const fn subject_type(self) -> &'static str {
        match self {
            Self::GroupCreated | Self::GroupUpdated | Self::GroupRemoved => "workspace_group",
            Self::WorkspaceCreated | Self::WorkspaceUpdated | Self::WorkspaceRemoved => "workspace",
            Self::PersonCreated | Self::PersonUpdated | Self::PersonDeleted => "people",
            Self::OperatorCreated
            | Self::PasswordSet
            | Self::SignedIn
            | Self::SignInFailed
            | Self::SignedOut => "operator",
            Self::TokenCreated => "api_token",
        }
    }
}

/// What it happened to; no id for an unknown e-mail address that tried to sign in.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub id: Option<Uuid>,
    pub name: &'a str,
}
