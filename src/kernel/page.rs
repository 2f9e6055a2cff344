//! Pages by key: a page starts where another ended, wherever that is now, and costs the same at
//! any depth.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How many rows a page has unless told.
pub const PAGE_SIZE_DEFAULT: u16 = 20;
/// How many rows a page may have.
pub const PAGE_SIZE_MAX: u16 = 500;

/// The value of one sort key of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyValue {
    /// `None` sorts after every time there is.
    Time(Option<DateTime<Utc>>),
    Text(String),
}

/// A place in a sorted list: the keys of the row it stands on, and its public id, by which no two rows are level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub keys: Vec<KeyValue>,
    pub id: Uuid,
}

/// What a list can be sorted by.
pub trait SortWord: Copy + Eq + 'static {
    const ALL: &'static [Self];

    /// The word in a `sort` parameter.
    fn word(self) -> &'static str;

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|key| key.word() == word)
    }
}

/// In which order, each key with "descending?". At least one key; the public id ends it unsaid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort<K>(pub Vec<(K, bool)>);

impl<K: SortWord> Sort<K> {
    /// This key alone, the largest first.
    pub fn descending(key: K) -> Self {
        Self(vec![(key, true)])
    }

    /// From `created_at` or `-created_at`; `None` for anything else.
    pub fn from_word(text: &str) -> Option<Self> {
        let (word, descending) = text.strip_prefix('-').map_or((text, false), |word| (word, true));
        K::from_word(word).map(|key| Self(vec![(key, descending)]))
    }

    /// Where it sorts by `key`, in which many rows may be level, `tie` goes on in the same direction,
    /// unless the order has it already.
    #[must_use]
    pub fn with_tie(mut self, key: K, tie: K) -> Self {
        let direction = self.0.iter().find(|(known, _)| *known == key).map(|(_, descending)| *descending);
        if let Some(descending) = direction
            && self.0.iter().all(|(known, _)| *known != tie)
        {
            self.0.push((tie, descending));
        }
        self
    }

    /// The order as a text that is the same for the same order: `-created_at,name`.
    pub fn words(&self) -> String {
        let words: Vec<String> = self
            .0
            .iter()
            .map(|(key, descending)| format!("{}{}", if *descending { "-" } else { "" }, key.word()))
            .collect();
        words.join(",")
    }

    /// Where an item stands in the order; `of` gives its value of a key.
    pub fn position(&self, id: Uuid, of: impl Fn(K) -> KeyValue) -> Position {
        Position { keys: self.0.iter().map(|&(key, _)| of(key)).collect(), id }
    }
}

/// From this moment on (included) and before that one; an open end is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    pub from: Option<DateTime<Utc>>,
    pub before: Option<DateTime<Utc>>,
}

impl TimeRange {
    pub const fn is_open(&self) -> bool {
        self.from.is_none() && self.before.is_none()
    }
}

/// Which rows of a noun whose rows are removed and never deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Status {
    #[default]
    Live,
    Removed,
    Any,
}

impl Status {
    pub const ALL: [Self; 3] = [Self::Live, Self::Removed, Self::Any];

    pub const WORDS: [&'static str; 3] = [Self::Live.word(), Self::Removed.word(), Self::Any.word()];

    /// The word in a `filter[status]` parameter.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Removed => "removed",
            Self::Any => "any",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

/// What nouns with a name are sorted by whose rows are removed and never deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedSortKey {
    CreatedAt,
    UpdatedAt,
    DeletedAt,
    /// Whatever the case.
    Name,
}

impl SortWord for NamedSortKey {
    const ALL: &'static [Self] = &[Self::CreatedAt, Self::UpdatedAt, Self::DeletedAt, Self::Name];

    fn word(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::DeletedAt => "deleted_at",
            Self::Name => "name",
        }
    }
}

/// Where a page starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Start {
    #[default]
    Beginning,
    After(Position),
    /// The page that ends just before this place.
    Before(Position),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// At least 1. What a client may ask for is [`PAGE_SIZE_MAX`] at most.
    pub size: u16,
    pub start: Start,
}

impl PageRequest {
    pub const fn first(size: u16) -> Self {
        Self { size, start: Start::Beginning }
    }
}

/// One page, in the list's order whichever way it was reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub has_previous: bool,
    pub has_next: bool,
}

impl<T> Page<T> {
    /// From what a store read: up to one row more than asked for, in reading order, which is the
    /// reverse of the list's when the page was asked for by its end.
    pub fn from_lookahead(mut rows: Vec<T>, request: &PageRequest) -> Self {
        let more = rows.len() > usize::from(request.size);
        rows.truncate(usize::from(request.size));
        match request.start {
            Start::Beginning => Self { items: rows, has_previous: false, has_next: more },
            Start::After(_) => Self { items: rows, has_previous: true, has_next: more },
            Start::Before(_) => {
                rows.reverse();
                Self { items: rows, has_previous: more, has_next: true }
            }
        }
    }

    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(change).collect(),
            has_previous: self.has_previous,
            has_next: self.has_next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Position {
        Position { keys: vec![], id: Uuid::nil() }
    }

    #[test]
    fn the_row_of_lookahead_is_told_and_not_shown() {
        let page = Page::from_lookahead(vec![1, 2, 3], &PageRequest::first(2));
        assert_eq!(page, Page { items: vec![1, 2], has_previous: false, has_next: true });
    }

    #[test]
    fn a_page_before_a_place_is_in_the_lists_order() {
        let request = PageRequest { size: 2, start: Start::Before(place()) };
        let page = Page::from_lookahead(vec![3, 2, 1], &request);
        assert_eq!(page, Page { items: vec![2, 3], has_previous: true, has_next: true });
    }

    #[test]
    fn the_last_page_has_no_next() {
        let request = PageRequest { size: 2, start: Start::After(place()) };
        let page = Page::from_lookahead(vec![1], &request);
        assert_eq!(page, Page { items: vec![1], has_previous: true, has_next: false });
    }
}
