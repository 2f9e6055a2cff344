//! Why a change set exists.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantNames};

use crate::kernel::id::{ChangeSetId, GroupId};

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr, EnumString, VariantNames,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum ChangeKind {
    Undo,
    Move,
    Copy,
    Restore,
}

/// A group with its present name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupRef {
    pub id: GroupId,
    pub name: String,
}

/// Why a change set exists, if it is more than a plain change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangeOrigin {
    /// Reverses another change set.
    Undo(ChangeSetId),
    Move {
        from: GroupRef,
        to: GroupRef,
    },
    Copy {
        from: GroupRef,
        to: GroupRef,
    },
    /// Brings back the membership of this moment.
    Restore(DateTime<Utc>),
}

impl ChangeOrigin {
    pub const fn kind(&self) -> ChangeKind {
        match self {
            Self::Undo(_) => ChangeKind::Undo,
            Self::Move { .. } => ChangeKind::Move,
            Self::Copy { .. } => ChangeKind::Copy,
            Self::Restore(_) => ChangeKind::Restore,
        }
    }
}
