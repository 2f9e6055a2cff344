//! One field of a change: absent, null or a new value.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patch<T> {
    /// The change does not mention the field.
    Absent,
    Null,
    Set(T),
}

impl<T> Patch<T> {
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Set(value) => Patch::Set(change(value)),
        }
    }

    /// The value of the field after the change.
    pub fn apply_to(self, before: Option<T>) -> Option<T> {
        self.into_change().unwrap_or(before)
    }

    /// The new value, where the inner `None` empties the field; `None` for an absent field.
    pub fn into_change(self) -> Option<Option<T>> {
        match self {
            Self::Absent => None,
            Self::Null => Some(None),
            Self::Set(value) => Some(Some(value)),
        }
    }
}
