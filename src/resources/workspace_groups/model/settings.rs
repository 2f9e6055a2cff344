//! The settings of a group.

use serde::{Deserialize, Serialize};

use crate::kernel::text::ShortText;
use crate::kernel::version::Version;

/// The largest number of [`ReasonPolicy::RequiredAbove`].
pub const REASON_ABOVE_MAX: i32 = 1_000_000;
/// In characters: the name of the system that manages a group.
pub const MANAGED_BY_MAX: usize = 100;

/// Whether a change of the group's enrollments needs a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum ReasonPolicy {
    #[default]
    Off,
    Required,
    /// Only if the change concerns more than this number of enrollments.
    RequiredAbove(i32),
}

impl ReasonPolicy {
    /// The word in the database and in forms.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Required => "required",
            Self::RequiredAbove(_) => "required_above",
        }
    }

    pub const fn above(self) -> Option<i32> {
        match self {
            Self::RequiredAbove(above) => Some(above),
            Self::Off | Self::Required => None,
        }
    }

    /// The inverse of [`Self::word`] and [`Self::above`].
    pub fn of(word: &str, above: Option<i32>) -> Option<Self> {
        match (word, above) {
            ("off", _) => Some(Self::Off),
            ("required", _) => Some(Self::Required),
            ("required_above", Some(above)) => Some(Self::RequiredAbove(above)),
            _ => None,
        }
    }

    /// Whether a change of this number of enrollments needs a reason.
    pub const fn requires(self, changes: i64) -> bool {
        match self {
            Self::Off => false,
            Self::Required => changes > 0,
            Self::RequiredAbove(above) => changes > above as i64,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GroupSettings {
    pub reason_policy: ReasonPolicy,
    /// The system that manages the group; the desk warns before changes by hand.
    pub managed_by: Option<ShortText>,
}

impl GroupSettings {
    /// The version of the values that the form shows.
    pub fn version(&self) -> Version {
        let above = self.reason_policy.above().map(|above| above.to_string());
        let managed_by = self.managed_by.as_ref().map(ShortText::as_str);
        Version::of([Some(self.reason_policy.word()), above.as_deref(), managed_by])
    }
}
