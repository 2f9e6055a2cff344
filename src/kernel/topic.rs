//! What an open page subscribes to: all rows of a kind, or one row.

use std::fmt;
use std::str::FromStr;

use strum::VariantArray;
use uuid::Uuid;

use super::id::{GroupId, ImportId, PersonId, WorkspaceId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, VariantArray)]
pub enum TopicKind {
    Group,
    Workspace,
    Person,
    /// Only all enrollments: the page of one enrollment subscribes to its group and its workspace.
    Enrollment,
    Import,
    Operator,
    Token,
    AdminEvent,
}

impl TopicKind {
    /// The words for one row and for all rows, as in the database.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Group => ("group", "groups"),
            Self::Workspace => ("workspace", "workspaces"),
            Self::Person => ("person", "people"),
            Self::Enrollment => ("enrollment", "enrollments"),
            Self::Import => ("import", "imports"),
            Self::Operator => ("operator", "operators"),
            Self::Token => ("token", "tokens"),
            Self::AdminEvent => ("admin_event", "admin_events"),
        }
    }

    fn find(is_wanted: impl Fn(Self) -> bool) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|kind| is_wanted(*kind))
    }
}

/// Written as `groups`, or as `group:a1b2c3d4-e5f6-7890-abcd-ef1234567890`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic {
    pub(super) kind: TopicKind,
    /// `None` for all rows of the kind.
    id: Option<Uuid>,
}

impl Topic {
    pub const GROUPS: Self = Self::all(TopicKind::Group);
    pub const WORKSPACES: Self = Self::all(TopicKind::Workspace);
    pub const PEOPLE: Self = Self::all(TopicKind::Person);
    pub const ENROLLMENTS: Self = Self::all(TopicKind::Enrollment);
    pub const IMPORTS: Self = Self::all(TopicKind::Import);
    pub const OPERATORS: Self = Self::all(TopicKind::Operator);
    pub const TOKENS: Self = Self::all(TopicKind::Token);
    pub const ADMIN_EVENTS: Self = Self::all(TopicKind::AdminEvent);

    const fn all(kind: TopicKind) -> Self {
        Self { kind, id: None }
    }

    const fn one(kind: TopicKind, id: Uuid) -> Self {
        Self { kind, id: Some(id) }
    }

    pub const fn group(id: GroupId) -> Self {
        Self::one(TopicKind::Group, id.uuid())
    }

    pub const fn workspace(id: WorkspaceId) -> Self {
        Self::one(TopicKind::Workspace, id.uuid())
    }

    pub const fn person(id: PersonId) -> Self {
        Self::one(TopicKind::Person, id.uuid())
    }

    pub const fn import(id: ImportId) -> Self {
        Self::one(TopicKind::Import, id.uuid())
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (one, all) = self.kind.words();
        match self.id {
            Some(id) => write!(f, "{one}:{id}"),
            None => f.write_str(all),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MalformedTopic;

impl FromStr for Topic {
    type Err = MalformedTopic;

    fn from_str(text: &str) -> Result<Self, MalformedTopic> {
        let Some((word, id)) = text.split_once(':') else {
            return TopicKind::find(|kind| kind.words().1 == text).map(Self::all).ok_or(MalformedTopic);
        };
        let id = id.parse::<GroupId>().map_err(|_| MalformedTopic)?.uuid();
        let kind = TopicKind::find(|kind| kind.words().0 == word).ok_or(MalformedTopic)?;
        Ok(Self::one(kind, id))
    }
}

/// One word of a change notification from the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeNotice {
    Of(Topic),
    /// `group:*`: too many rows of a kind to name each.
    Many(TopicKind),
    /// `*`: a notification may have been lost, or this version does not know the word.
    Anything,
}

impl ChangeNotice {
    pub fn read(word: &str) -> Self {
        if let Ok(topic) = word.parse() {
            return Self::Of(topic);
        }
        let kind = TopicKind::find(|kind| word.strip_suffix(":*") == Some(kind.words().0));
        kind.map_or(Self::Anything, Self::Many)
    }

    pub fn is_about(self, topic: &Topic) -> bool {
        match self {
            Self::Of(changed) => changed == *topic,
            Self::Many(kind) => topic.kind == kind && topic.id.is_some(),
            Self::Anything => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::actor::Role;

    const ID: &str = "a1b2c3d4-e5f6-7890-abcd-ef1234567890";

    #[test]
    fn topic_round_trips_as_text() {
        let group = Topic::group(ID.parse().unwrap());
        assert_eq!(group.to_string(), format!("group:{ID}"));
        for &kind in TopicKind::VARIANTS {
            for topic in [Topic { kind, id: None }, Topic { kind, id: Some(Uuid::from_u128(7)) }] {
                assert_eq!(topic.to_string().parse(), Ok(topic));
            }
        }
        for other in ["", "group", "group:", "group:42", "groups:42", "*", "group:*", "weather"] {
            assert_eq!(other.parse::<Topic>(), Err(MalformedTopic), "{other}");
        }
    }

    #[test]
    fn only_admins_subscribe_to_what_only_admins_see() {
        for &kind in TopicKind::VARIANTS {
            for topic in [Topic { kind, id: None }, Topic { kind, id: Some(Uuid::from_u128(7)) }] {
                assert!(topic.is_for(Role::Admin), "{topic}");
                let is_secret =
                    [TopicKind::Operator, TopicKind::Token, TopicKind::AdminEvent].contains(&kind);
                assert_eq!(topic.is_for(Role::Support), !is_secret, "{topic}");
            }
        }
    }

    #[test]
    fn notice_concerns_the_topics_it_names() {
        let (group, workspace) = (Topic::group(ID.parse().unwrap()), Topic::workspace(ID.parse().unwrap()));
        let other = Topic::group(GroupId::new(Uuid::from_u128(7)));
        let concerned = |word: &str| {
            let notice = ChangeNotice::read(word);
            [group, other, workspace, Topic::GROUPS].map(|topic| notice.is_about(&topic))
        };
        assert_eq!(concerned(&group.to_string()), [true, false, false, false]);
        assert_eq!(concerned("groups"), [false, false, false, true]);
        assert_eq!(concerned("group:*"), [true, true, false, false]);
        assert_eq!(concerned("*"), [true; 4]);
        assert_eq!(concerned("weather"), [true; 4]);
    }
}
