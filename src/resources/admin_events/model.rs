//! The types for administration events.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};
use uuid::Uuid;

use crate::kernel::actor::{PersonRef, Source};
use crate::kernel::id::AdminEventId;
use crate::kernel::page::{EventSortKey, Position, Sort, TimeRange};
use crate::resources::people::model::{ByPerson, Person};

#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    IntoStaticStr,
    EnumString,
    VariantArray,
    VariantNames,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum AdminAction {
    #[strum(serialize = "workspace_group_created")]
    GroupCreated,
    #[strum(serialize = "workspace_group_updated")]
    GroupUpdated,
    #[strum(serialize = "workspace_group_removed")]
    GroupRemoved,
    WorkspaceCreated,
    WorkspaceUpdated,
    WorkspaceRemoved,
    #[strum(serialize = "people_created")]
    PersonCreated,
    #[strum(serialize = "people_updated")]
    PersonUpdated,
    #[strum(serialize = "people_deleted")]
    PersonDeleted,
    OperatorCreated,
    #[strum(serialize = "operator_made_admin")]
    MadeAdmin,
    #[strum(serialize = "operator_made_support")]
    MadeSupport,
    OperatorDisabled,
    OperatorEnabled,
    SignInLinkCreated,
    OperatorLinked,
    OperatorUnlinked,
    #[strum(serialize = "api_token_created")]
    TokenCreated,
    #[strum(serialize = "api_token_revoked")]
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
    /// Whether the action creates its subject.
    pub const fn creates_subject(self) -> bool {
        matches!(
            self,
            Self::GroupCreated
                | Self::WorkspaceCreated
                | Self::PersonCreated
                | Self::OperatorCreated
                | Self::TokenCreated
        )
    }

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum SubjectType {
    #[strum(serialize = "workspace_group")]
    Group,
    Workspace,
    #[strum(serialize = "people")]
    Person,
    Operator,
    #[strum(serialize = "api_token")]
    Token,
}

/// The subject of an event. A sign-in with an unknown e-mail address has no id.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub id: Option<Uuid>,
    pub name: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdminEvent {
    pub id: AdminEventId,
    pub action: AdminAction,
    pub occurred_at: DateTime<Utc>,
    pub source: Source,
    /// The person, unless deleted.
    pub actor: Option<PersonRef>,
    /// The name at that time, also of a person who was deleted since.
    pub actor_name: Option<String>,
    pub token_name: Option<String>,
    pub request_id: Option<String>,
    pub subject_id: Option<Uuid>,
    pub subject_name: Option<String>,
}

/// An event with its actor, if loaded and not deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminEventWithActor {
    pub event: AdminEvent,
    pub actor: Option<Person>,
}

/// A filter of events; an empty list and `None` match all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AdminEventFilter {
    pub actions: Vec<AdminAction>,
    pub actor: Option<ByPerson>,
    pub occurred_at: TimeRange,
}

/// The position of an event in a sorted list.
pub fn admin_event_position(sort: &Sort<EventSortKey>, event: &AdminEvent) -> Position {
    sort.event_position(event.id.uuid(), event.occurred_at)
}
