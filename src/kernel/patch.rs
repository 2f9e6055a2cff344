//! A field of a change: left alone, emptied or set.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patch<T> {
    /// Not said.
    Absent,
    Null,
    Set(T),
}

impl<T> Patch<T> {
    /// The new value, if one was said: `None` is to empty it.
    pub fn said(self) -> Result<Option<T>, NotSaid> {
        match self {
            Self::Absent => Err(NotSaid),
            Self::Null => Ok(None),
            Self::Set(value) => Ok(Some(value)),
        }
    }
}

/// The field was left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotSaid;
