//! Who may subscribe to a topic.

use super::{Topic, TopicKind};
use crate::kernel::actor::Role;

impl Topic {
    /// May an operator with this role receive notifications about the topic? Where only admins may see the rows, that
    /// something has changed is as secret as the change itself.
    pub const fn is_for(&self, role: Role) -> bool {
        match self.kind {
            TopicKind::Group
            | TopicKind::Workspace
            | TopicKind::Person
            | TopicKind::Enrollment
            | TopicKind::Import => true,
            TopicKind::Operator | TopicKind::Token | TopicKind::AdminEvent => role.may_administer(),
        }
    }
}
