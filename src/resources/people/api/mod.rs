//! People as JSON:API: type `people`.

pub mod delete;
pub mod list;
pub mod retrieve;

use crate::api::error::path_id;
use crate::jsonapi::declare::Declaration;
use crate::jsonapi::document::{Identifier, Resource, optional_timestamp, timestamp};
use crate::jsonapi::error::ErrorObject;
use crate::kernel::id::PersonId;
use crate::resources::people::model::Person;

pub static PEOPLE: Declaration = Declaration {
    kind: "people",
    base: "/v1/people",
    writable: &["first_name", "last_name", "email"],
    computed: &["created_at", "updated_at"],
    to_one: &[],
    to_many: &[],
    filters: &[],
    includes: &[],
};

pub fn person_identifier(id: PersonId) -> Identifier {
    Identifier { kind: PEOPLE.kind, id: id.uuid() }
}

pub fn person_resource(person: &Person) -> Resource {
    Resource {
        declaration: &PEOPLE,
        id: person.id.uuid(),
        attributes: vec![
            ("first_name", person.first_name.as_str().into()),
            ("last_name", person.last_name.as_str().into()),
            ("email", person.email.as_deref().into()),
            ("created_at", timestamp(person.created_at)),
            ("updated_at", optional_timestamp(person.updated_at)),
        ],
        relationships: Vec::new(),
    }
}

fn person_id(text: &str) -> Result<PersonId, ErrorObject> {
    path_id(text, PEOPLE.kind, "PEOPLE_NOT_FOUND")
}
