//! A field of a change: left alone, emptied or set.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patch<T> {
    /// Not said.
    Absent,
    Null,
    Set(T),
}

impl<T> Patch<T> {
    /// The same about something else.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Absent => Patch::Absent,
            Self::Null => Patch::Null,
            Self::Set(value) => Patch::Set(change(value)),
        }
    }

    /// What the field holds afterwards, if it held this before.
    pub fn over(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Absent => before,
            Self::Null => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The new value, if one was said: `None` is to empty it.
    pub fn said(self) -> Result<Option<T>, Unchanged> {
        match self {
            Self::Absent => Err(Unchanged),
            Self::Null => Ok(None),
            Self::Set(value) => Ok(Some(value)),
        }
    }
}

/// The field was left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unchanged;
