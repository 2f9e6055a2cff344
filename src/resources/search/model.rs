//! The types of search results.

use strum::{EnumString, IntoStaticStr, VariantArray};
use uuid::Uuid;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub kind: HitKind,
    pub id: Uuid,
    /// The name; for an enrollment, the name of its workspace.
    pub name: String,
    /// The external id of a workspace, the address of a person, or the group of an enrollment.
    pub detail: Option<String>,
    pub is_removed: bool,
    /// 0 for a match by a whole id; among the others, a smaller number is a better match.
    pub rank: i32,
}

impl Hit {
    /// The text is an id of this hit, so nothing else was meant.
    pub const fn is_exact(&self) -> bool {
        self.rank == 0
    }
}

/// The kinds in the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, EnumString, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum HitKind {
    Group,
    Workspace,
    Person,
    Enrollment,
}
