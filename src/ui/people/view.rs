//! People as their pages show them.

use crate::resources::people::model::{Person, PersonTraces};

/// A person, and what refers to them.
pub struct PersonDetails {
    pub person: Person,
    pub traces: PersonTraces,
}
