//! Keyset pagination: the cost of a page does not depend on its depth in the list.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray, VariantNames};
use uuid::Uuid;

pub const PAGE_SIZE_DEFAULT: u16 = 20;
pub const PAGE_SIZE_MAX: u16 = 500;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyValue {
    /// `None` sorts after every time. A cursor has microseconds, the precision of the database.
    #[serde(rename = "t", with = "chrono::serde::ts_microseconds_option")]
    Time(Option<DateTime<Utc>>),
    #[serde(rename = "x")]
    Text(String),
}

/// The position of a row in a sorted list: its keys, and its public id, which makes the order unique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    pub keys: Vec<KeyValue>,
    pub id: Uuid,
}

/// A key by which a list can be sorted, with its word in a `sort` parameter.
pub trait SortKey: VariantArray + FromStr + Into<&'static str> + Copy + Eq {
    /// A key in which many rows may be equal, and the key that then decides.
    const TIE: Option<(Self, Self)> = None;
}

/// The keys of an order, each with "descending?". There is at least one key; the public id follows implicitly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sort<K>(pub Vec<(K, bool)>);

impl<K: SortKey> Sort<K> {
    pub fn descending(key: K) -> Self {
        Self(vec![(key, true)])
    }

    /// Adds the key that decides between rows that are equal in the key of [`SortKey::TIE`], in its direction, unless the
    /// order contains it.
    #[must_use]
    pub fn with_tie(mut self) -> Self {
        if let Some((key, tie)) = K::TIE
            && let Some(&(_, descending)) = self.0.iter().find(|(known, _)| *known == key)
            && self.0.iter().all(|(known, _)| *known != tie)
        {
            self.0.push((tie, descending));
        }
        self
    }

    pub fn words(&self) -> String {
        let word =
            |&(key, descending): &(K, bool)| (if descending { "-" } else { "" }).to_owned() + key.into();
        self.0.iter().map(word).collect::<Vec<_>>().join(",")
    }

    pub fn position(&self, id: Uuid, value_of: impl Fn(K) -> KeyValue) -> Position {
        Position { keys: self.0.iter().map(|&(key, _)| value_of(key)).collect(), id }
    }
}

/// One key, as in `created_at` or `-created_at`.
impl<K: SortKey> FromStr for Sort<K> {
    type Err = K::Err;

    fn from_str(text: &str) -> Result<Self, K::Err> {
        let (word, descending) = text.strip_prefix('-').map_or((text, false), |word| (word, true));
        Ok(Self(vec![(word.parse()?, descending)]))
    }
}

impl SortKey for NamedSortKey {
    const TIE: Option<(Self, Self)> = Some((Self::DeletedAt, Self::CreatedAt));
}

impl Sort<NamedSortKey> {
    pub fn named_position(
        &self,
        id: Uuid,
        name: &str,
        created_at: DateTime<Utc>,
        updated_at: Option<DateTime<Utc>>,
        deleted_at: Option<DateTime<Utc>>,
    ) -> Position {
        self.position(id, |key| match key {
            NamedSortKey::CreatedAt => KeyValue::Time(Some(created_at)),
            NamedSortKey::UpdatedAt => KeyValue::Time(updated_at),
            NamedSortKey::DeletedAt => KeyValue::Time(deleted_at),
            NamedSortKey::Name => KeyValue::Text(name.to_owned()),
        })
    }
}

/// A half-open range: `from` is included, `before` is not.
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

/// A filter for nouns whose rows are removed and never deleted.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, IntoStaticStr, EnumString, VariantArray, VariantNames,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Status {
    #[default]
    Live,
    Removed,
    Any,
}

/// The sort keys of groups and workspaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumString, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum NamedSortKey {
    CreatedAt,
    UpdatedAt,
    DeletedAt,
    Name,
}

/// The sort key of both logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumString, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum EventSortKey {
    OccurredAt,
}

impl SortKey for EventSortKey {}

impl Sort<EventSortKey> {
    pub fn event_position(&self, id: Uuid, occurred_at: DateTime<Utc>) -> Position {
        self.position(id, |EventSortKey::OccurredAt| KeyValue::Time(Some(occurred_at)))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Start {
    #[default]
    Beginning,
    After(Position),
    Before(Position),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// At least 1, and at most [`PAGE_SIZE_MAX`] for a client.
    pub size: u16,
    pub start: Start,
}

impl PageRequest {
    pub const fn first(size: u16) -> Self {
        Self { size, start: Start::Beginning }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub has_previous: bool,
    pub has_next: bool,
}

impl<T> Page<T> {
    /// An extra row after `request.size` rows shows that there are more. The rows before a position are in reverse
    /// order, because they were read backwards.
    pub fn from_lookahead(mut rows: Vec<T>, request: &PageRequest) -> Self {
        let more = rows.len() > usize::from(request.size);
        rows.truncate(usize::from(request.size));
        let (has_previous, has_next) = match request.start {
            Start::Beginning => (false, more),
            Start::After(_) => (true, more),
            Start::Before(_) => {
                rows.reverse();
                (more, true)
            }
        };
        Self { items: rows, has_previous, has_next }
    }

    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        let Self { items, has_previous, has_next } = self;
        Page { items: items.into_iter().map(change).collect(), has_previous, has_next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position() -> Position {
        Position { keys: vec![], id: Uuid::nil() }
    }

    #[test]
    fn lookahead_row_is_not_shown() {
        let page = Page::from_lookahead(vec![1, 2, 3], &PageRequest::first(2));
        assert_eq!(page, Page { items: vec![1, 2], has_previous: false, has_next: true });
    }

    #[test]
    fn page_before_a_position_is_in_list_order() {
        let request = PageRequest { size: 2, start: Start::Before(position()) };
        let page = Page::from_lookahead(vec![3, 2, 1], &request);
        assert_eq!(page, Page { items: vec![2, 3], has_previous: true, has_next: true });
    }

    #[test]
    fn last_page_has_no_next() {
        let request = PageRequest { size: 2, start: Start::After(position()) };
        let page = Page::from_lookahead(vec![1], &request);
        assert_eq!(page, Page { items: vec![1], has_previous: true, has_next: false });
    }
}
