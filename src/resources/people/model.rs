//! The words for people.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::actor::PersonRef;
use crate::kernel::id::PersonId;
use crate::kernel::page::{KeyValue, Position};
use crate::kernel::text::Email;

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

    /// Where it stands among people, newest first.
    pub fn position(&self) -> Position {
        Position { keys: vec![KeyValue::Time(Some(self.created_at))], id: self.id.uuid() }
    }
}

#[derive(Debug, Clone)]
pub struct NewPerson {
    pub first_name: String,
    pub last_name: String,
    pub email: Option<Email>,
}

impl NewPerson {
    /// From one name as people type it: what follows the last space is the last name.
    pub fn from_full_name(name: &str, email: Option<Email>) -> Self {
        let (first, last) = name.rsplit_once(' ').unwrap_or(("", name));
        Self { first_name: first.trim().to_owned(), last_name: last.trim().to_owned(), email }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
