//! What a page may want to hear of when it changes: all groups, or one of them.

#[cfg(feature = "ssr")]
mod audience;

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::id::{GroupId, ImportId, PersonId, WorkspaceId};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicKind {
    Group,
    Workspace,
    Person,
    /// All of them only: a page that shows one is a page of its group and its workspace.
    Enrollment,
    Import,
    Operator,
    Token,
    /// Whatever the administrative log tells of.
    AdminEvent,
}

impl TopicKind {
    const ALL: [Self; 8] = [
        Self::Group,
        Self::Workspace,
        Self::Person,
        Self::Enrollment,
        Self::Import,
        Self::Operator,
        Self::Token,
        Self::AdminEvent,
    ];

    /// For one of the kind, and for all; as the database says them.
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
}

/// `groups`, or `group:a1b2c3d4-e5f6-7890-abcd-ef1234567890`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Topic {
    kind: TopicKind,
    /// `None`: all of the kind, as lists show them.
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

    pub const fn group(id: GroupId) -> Self {
        Self { kind: TopicKind::Group, id: Some(id.uuid()) }
    }

    pub const fn workspace(id: WorkspaceId) -> Self {
        Self { kind: TopicKind::Workspace, id: Some(id.uuid()) }
    }

    pub const fn person(id: PersonId) -> Self {
        Self { kind: TopicKind::Person, id: Some(id.uuid()) }
    }

    pub const fn import(id: ImportId) -> Self {
        Self { kind: TopicKind::Import, id: Some(id.uuid()) }
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

/// The text names no topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTopic;

impl FromStr for Topic {
    type Err = NoTopic;

    fn from_str(text: &str) -> Result<Self, NoTopic> {
        let kind = |is_it: &dyn Fn(&TopicKind) -> bool| TopicKind::ALL.into_iter().find(is_it).ok_or(NoTopic);
        let Some((word, id)) = text.split_once(':') else {
            return Ok(Self { kind: kind(&|kind| kind.words().1 == text)?, id: None });
        };
        let id = id.parse::<GroupId>().map_err(|_| NoTopic)?.uuid();
        Ok(Self { kind: kind(&|kind| kind.words().0 == word)?, id: Some(id) })
    }
}

/// One word of what the database tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeNotice {
    Of(Topic),
    /// `group:*`: so many of a kind that they are not named.
    Many(TopicKind),
    /// `*`: something may have been missed, or is told in words that this version does not know.
    Anything,
}

impl ChangeNotice {
    pub fn read(word: &str) -> Self {
        if let Ok(topic) = word.parse() {
            return Self::Of(topic);
        }
        let many = |kind: &TopicKind| word.strip_suffix(":*") == Some(kind.words().0);
        TopicKind::ALL.into_iter().find(many).map_or(Self::Anything, Self::Many)
    }

    pub fn is_about(self, topic: &Topic) -> bool {
        match self {
            Self::Of(news) => news == *topic,
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
    fn a_topic_is_read_as_it_is_written() {
        let group = Topic::group(ID.parse().unwrap());
        assert_eq!(group.to_string(), format!("group:{ID}"));
        for kind in TopicKind::ALL {
            for topic in [Topic { kind, id: None }, Topic { kind, id: Some(Uuid::from_u128(7)) }] {
                assert_eq!(topic.to_string().parse(), Ok(topic));
            }
        }
        for other in ["", "group", "group:", "group:42", "groups:42", "*", "group:*", "weather"] {
            assert_eq!(other.parse::<Topic>(), Err(NoTopic), "{other}");
        }
    }

    #[test]
    fn what_only_admins_see_only_admins_hear_of() {
        for kind in TopicKind::ALL {
            for topic in [Topic { kind, id: None }, Topic { kind, id: Some(Uuid::from_u128(7)) }] {
                assert!(topic.is_for(Role::Admin), "{topic}");
                let is_secret =
                    [TopicKind::Operator, TopicKind::Token, TopicKind::AdminEvent].contains(&kind);
                assert_eq!(topic.is_for(Role::Support), !is_secret, "{topic}");
            }
        }
    }

    #[test]
    fn news_concern_what_they_name() {
        let (group, workspace) = (Topic::group(ID.parse().unwrap()), Topic::workspace(ID.parse().unwrap()));
        let other = Topic::group(GroupId::new(Uuid::from_u128(7)));
        let concerned = |word: &str| {
            let news = ChangeNotice::read(word);
            [group, other, workspace, Topic::GROUPS].map(|topic| news.is_about(&topic))
        };
        assert_eq!(concerned(&group.to_string()), [true, false, false, false]);
        assert_eq!(concerned("groups"), [false, false, false, true]);
        assert_eq!(concerned("group:*"), [true, true, false, false]);
        assert_eq!(concerned("*"), [true; 4]);
        assert_eq!(concerned("weather"), [true; 4]);
    }
}
