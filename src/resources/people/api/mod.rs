//! People as JSON:API: type `people`.

pub mod create;
pub mod delete;
pub mod list;
pub mod retrieve;
pub mod update;

use crate::api::Connection;
use crate::api::error::{Answer, path_id};
use crate::jsonapi::document::{Identifier, Resource};
use crate::jsonapi::error::ErrorObject;
use crate::jsonapi::resource_type::{Access, Attribute, Filter, FilterForm, ResourceType, ValueType, Verb};
use crate::kernel::id::PersonId;
use crate::kernel::text::NAME_MAX;
use crate::resources::people::model::Person;
use crate::resources::people::ops::person_lock;

pub static PEOPLE: ResourceType = ResourceType {
    kind: "people",
    base: "/v1/people",
    noun: ("person", "people"),
    about: "The persons in whose names things stand. To delete one is for good: what they enrolled stays, in \
            nobody's name.",
    verbs: &[Verb::List, Verb::Retrieve, Verb::Create, Verb::Update, Verb::Delete],
    attributes: &[
        Attribute {
            name: "first_name",
            form: ValueType::Part { max: NAME_MAX },
            nullable: false,
            access: Access::Optional,
            about: "Empty for somebody who has a last name alone. One of the two is needed.",
            example: "Ana",
        },
        Attribute {
            name: "last_name",
            form: ValueType::Part { max: NAME_MAX },
            nullable: false,
            access: Access::Optional,
            about: "Empty for somebody who has a first name alone. One of the two is needed.",
            example: "Lima",
        },
        Attribute {
            name: "email",
            form: ValueType::Email,
            nullable: true,
            access: Access::Optional,
            about: "Unique, whatever the case.",
            example: "ana.lima@example.com",
        },
        Attribute::moment("created_at", "When the person was created."),
        Attribute::moment_or_null("updated_at", "When the person was last written."),
    ],
    to_one: &[],
    to_many: &[],
    filters: &[
        Filter {
            name: "q",
            form: FilterForm::Text,
            about: "Each word of this is held by the names or the e-mail address, in any order, whatever accents and \
                    case; or the id begins with it. A word of two letters is looked for where words begin, and a \
                    number of up to two digits before another word is meant whole.",
        },
        Filter {
            name: "email",
            form: FilterForm::Text,
            about: "The e-mail address is this, whatever the case.",
        },
    ],
    sorts: &["created_at", "updated_at", "last_name"],
    sort_default: "-created_at",
    includes: &[],
    not_found: "PEOPLE_NOT_FOUND",
};

pub fn person_identifier(id: PersonId) -> Identifier {
    Identifier { kind: PEOPLE.kind, id: id.uuid() }
}

pub fn person_resource(person: Person) -> Resource {
    Resource {
        resource_type: &PEOPLE,
        id: person.id.uuid(),
        attributes: vec![
            ("first_name", person.first_name.into()),
            ("last_name", person.last_name.into()),
            ("email", person.email.into()),
            ("created_at", person.created_at.into()),
            ("updated_at", person.updated_at.into()),
        ],
        relationships: Vec::new(),
    }
}

async fn held(connection: &mut Connection, id: PersonId) -> Answer<Resource> {
    Ok(person_resource(person_lock(connection, id).await?))
}

fn person_id(text: &str) -> Result<PersonId, ErrorObject> {
    path_id(text, &PEOPLE)
}
