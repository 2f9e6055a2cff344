//! Who may hear of a topic.

use super::{Topic, TopicKind};
use crate::kernel::actor::Role;

impl Topic {
    /// May somebody with this role hear of it? That something of a kind has changed is as much a secret as what
    /// has, where the pages that show it are for admins alone.
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
