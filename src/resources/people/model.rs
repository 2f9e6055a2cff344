//! The types for people.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

use crate::kernel::actor::PersonRef;
use crate::kernel::id::PersonId;
use crate::kernel::page::{KeyValue, Position, Sort, SortKey};
use crate::kernel::patch::Patch;
use crate::kernel::text::{Email, NamePart};
use crate::resources::api_tokens::model::TokenRef;
use crate::resources::operators::model::OperatorRef;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: PersonId,
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    pub created_at: DateTime<Utc>,
    pub updated_at: Option<DateTime<Utc>>,
}

impl Person {
    pub fn display_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }

    pub fn reference(&self) -> PersonRef {
        PersonRef { id: self.id, name: self.display_name() }
    }
}

pub fn joined_person(id: Option<PersonId>, name: Option<String>) -> Option<PersonRef> {
    Some(PersonRef { id: id?, name: name.unwrap_or_default() })
}

/// A filter of people; an empty filter matches everyone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonFilter {
    /// Words of which each occurs in the names or the e-mail address, or the beginning of the public id.
    pub search: Option<String>,
    /// The whole address, regardless of case.
    pub email: Option<String>,
}

/// Filters a list by creator or actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByPerson {
    Nobody,
    OneOf(Vec<PersonId>),
}

impl ByPerson {
    /// `None` stands for nobody.
    pub fn new(people: Option<Vec<PersonId>>) -> Self {
        people.map_or(Self::Nobody, Self::OneOf)
    }

    pub fn people(&self) -> &[PersonId] {
        match self {
            Self::Nobody => &[],
            Self::OneOf(people) => people,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr, EnumString, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum PersonSortKey {
    CreatedAt,
    UpdatedAt,
    LastName,
}

impl SortKey for PersonSortKey {}

pub fn person_position(sort: &Sort<PersonSortKey>, person: &Person) -> Position {
    sort.position(person.id.uuid(), |key| match key {
        PersonSortKey::CreatedAt => KeyValue::Time(Some(person.created_at)),
        PersonSortKey::UpdatedAt => KeyValue::Time(person.updated_at),
        PersonSortKey::LastName => KeyValue::Text(person.last_name.clone()),
    })
}

/// Counts of everything that refers to a person and loses the reference when they are deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonTraces {
    pub live: i64,
    pub removed: i64,
    pub groups: i64,
    pub events: i64,
    pub admin_events: i64,
    /// Their active API tokens.
    pub tokens: Vec<TokenRef>,
    pub accounts: Vec<OperatorRef>,
}

impl PersonTraces {
    pub const fn enrollments(&self) -> i64 {
        self.live + self.removed
    }
}

/// One of the two names is enough, because many people have only one.
pub const fn is_named(first_name: &str, last_name: &str) -> bool {
    !first_name.is_empty() || !last_name.is_empty()
}

#[derive(Debug, Clone)]
pub struct PersonChange {
    pub first_name: Option<NamePart>,
    pub last_name: Option<NamePart>,
    pub email: Patch<Email>,
}

#[derive(Debug, Clone)]
pub struct NewPerson {
    pub first_name: String,
    pub last_name: String,
    pub email: Option<Email>,
}

impl NewPerson {
    /// Splits a full name at its last space.
    pub fn from_full_name(name: &str, email: Option<Email>) -> Self {
        let (first, last) = name.rsplit_once(char::is_whitespace).unwrap_or(("", name));
        Self { first_name: first.trim().to_owned(), last_name: last.trim().to_owned(), email }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_is_enough() {
        for (first_name, last_name) in [("Cher", ""), ("", "Cher"), ("Ana", "Lima")] {
            assert!(is_named(first_name, last_name));
        }
        assert!(!is_named("", ""));
    }

    #[test]
    fn a_full_name_is_split_at_its_last_space() {
        let split = |name| {
            let person = NewPerson::from_full_name(name, None);
            (person.first_name, person.last_name)
        };
        assert_eq!(split("Ana Maria Lima"), ("Ana Maria".to_owned(), "Lima".to_owned()));
        assert_eq!(split("Cher"), (String::new(), "Cher".to_owned()));
    }
}
