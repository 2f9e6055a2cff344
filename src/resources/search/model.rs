//! The words for searching.

use uuid::Uuid;

/// What was found; its id is public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    pub kind: HitKind,
    pub id: Uuid,
    /// Of an enrollment the name of its workspace.
    pub name: String,
    /// What tells it from others of its name: an external id, an address; of an enrollment the name of its group.
    pub detail: Option<String>,
    pub is_removed: bool,
    /// How well it fits: 0 if it was found by its id and not by its name; then, what begins with the text has a
    /// smaller one than what has its words somewhere.
    pub rank: i32,
}

impl Hit {
    /// Was it found by its id? Then nothing else was meant.
    pub const fn is_exact(&self) -> bool {
        self.rank == 0
    }
}

/// In the order in which they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HitKind {
    Group,
    Workspace,
    Person,
    Enrollment,
}

impl HitKind {
    pub const ALL: [Self; 4] = [Self::Group, Self::Workspace, Self::Person, Self::Enrollment];

    /// The word in statements.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Workspace => "workspace",
            Self::Person => "person",
            Self::Enrollment => "enrollment",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}
