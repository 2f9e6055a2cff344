//! The members of a group, for lists of all of them.

use crate::kernel::id::WorkspaceId;

/// A workspace in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub workspace: WorkspaceId,
    /// Its external id, or its id if it has none.
    pub text: String,
    pub name: String,
}
