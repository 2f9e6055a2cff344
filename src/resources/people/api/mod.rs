//! People as JSON:API: type `people`.

use chrono::{DateTime, Utc};

use crate::api::parse_attributes::{at_first, optional, or_default};
use crate::api::{ApiResult, Caller, Connection, Listing, Loaded, Readable, Writable, error_code, filters};
use crate::jsonapi::body::ResourceBody;
use crate::jsonapi::document::Resource;
use crate::jsonapi::projection::Projection;
use crate::jsonapi::query::Query;
use crate::jsonapi::resource_type::{Attribute, Filter, FilterType, ResourceType, ValueType, Verb};
use crate::kernel::id::PersonId;
use crate::kernel::page::{Page, Position, Sort};
use crate::kernel::problem::{Field, Privilege};
use crate::kernel::text::{Email, NAME_MAX, NamePart, TextFault};
use crate::platform::call::{Call, Write};
use crate::platform::failure::Outcome;
use crate::resources::flows::delete_person::person_delete;
use crate::resources::people::model::{
    NewPerson, Person, PersonChange, PersonFilter, PersonSortKey, is_named, person_position,
};
use crate::resources::people::ops::{
    person_count, person_create, person_get, person_list, person_lock_for_no_key_update, person_update,
};

const fn name(name: &'static str, about: &'static str, example: &'static str) -> Attribute {
    Attribute { nullable: false, ..Attribute::optional(name, ValueType::Part(NAME_MAX), about, example) }
}

pub static PEOPLE: ResourceType = ResourceType {
    type_name: "people",
    base: "/v1/people",
    noun: ("person", "people"),
    about: "The people who create groups and enrollments. Deleting a person is final: their groups and enrollments stay, \
            without a creator.",
    verbs: &[Verb::List, Verb::Retrieve, Verb::Create, Verb::Update, Verb::Delete],
    attributes: &[
        name(
            "first_name",
            "Empty for a person who has only a last name. One of the two names is required.",
            "Ana",
        ),
        name(
            "last_name",
            "Empty for a person who has only a first name. One of the two names is required.",
            "Lima",
        ),
        Attribute::optional("email", ValueType::Email, "Unique, regardless of case.", "ana.lima@example.com"),
        Attribute::moment("created_at", "When the person was created."),
        Attribute::moment_or_null("updated_at", "When the person was last updated."),
    ],
    relationships: &[],
    filters: &[
        filters::search!(
            "The names or the e-mail address contain each word of this text, in any order and regardless of accents and \
             case, or the id begins with it."
        ),
        Filter::new("email", FilterType::Text, "The e-mail address, regardless of case."),
    ],
    sorts: &["created_at", "updated_at", "last_name"],
    sort_default: "-created_at",
    includes: &[],
    read_by: &[Privilege::Read],
    not_found: &error_code::PEOPLE_NOT_FOUND,
};

pub fn person_resource(person: Person) -> Resource {
    let Person { id, first_name, last_name, email, created_at, updated_at } = person;
    let attributes =
        [first_name.into(), last_name.into(), email.into(), created_at.into(), updated_at.into()];
    PEOPLE.resource(id.uuid(), attributes, [])
}

pub struct People;

impl Readable for People {
    type Id = PersonId;
    type Row = Person;
    type Include = ();
    type Filter = PersonFilter;
    type SortKey = PersonSortKey;

    const TYPE: &'static ResourceType = &PEOPLE;

    fn resource(person: Person) -> Loaded {
        Loaded::new(person_resource(person), [])
    }

    fn include(_: &Projection) {}

    async fn get(connection: &mut Connection, id: PersonId, (): ()) -> Outcome<Person> {
        person_get(connection, id).await
    }

    fn filter(query: &mut Query, _: DateTime<Utc>) -> PersonFilter {
        PersonFilter { search: query.text("q"), email: query.text("email") }
    }

    async fn list(connection: &mut Connection, list: &Listing<Self>) -> Outcome<Page<Person>> {
        person_list(connection, &list.filter, &list.sort, &list.page).await
    }

    async fn count(connection: &mut Connection, filter: &PersonFilter) -> Outcome<i64> {
        person_count(connection, filter).await
    }

    fn position(sort: &Sort<PersonSortKey>, person: &Person) -> Position {
        person_position(sort, person)
    }
}

impl Writable for People {
    type New = NewPerson;
    type Change = PersonChange;
    type UpdatePrivilege = Write;

    async fn lock(connection: &mut Connection, id: PersonId) -> Outcome<Person> {
        person_lock_for_no_key_update(connection, id).await
    }

    fn parse_new(mut body: ResourceBody<'_>, _: &Caller) -> ApiResult<NewPerson> {
        let mut name = |field| or_default(&mut body, field, NamePart::parse);
        let names = name(Field::FirstName).zip(name(Field::LastName));
        if let Some((first_name, last_name)) = &names
            && !is_named(first_name.as_str(), last_name.as_str())
        {
            at_first(&mut body, &[Field::FirstName, Field::LastName], TextFault::Nameless);
        }
        let email = optional(&mut body, Field::Email, Email::parse).apply_to(None);
        Ok(body.finish(names.map(|(first_name, last_name)| NewPerson {
            first_name: first_name.as_str().to_owned(),
            last_name: last_name.as_str().to_owned(),
            email,
        }))?)
    }

    async fn create(connection: &mut Connection, call: &Call<Write>, new: NewPerson) -> ApiResult<Person> {
        Ok(person_create(connection, call, &new).await?)
    }

    fn parse_change(mut body: ResourceBody<'_>) -> ApiResult<PersonChange> {
        let change = PersonChange {
            first_name: optional(&mut body, Field::FirstName, NamePart::parse).apply_to(None),
            last_name: optional(&mut body, Field::LastName, NamePart::parse).apply_to(None),
            email: optional(&mut body, Field::Email, Email::parse),
        };
        Ok(body.finish(Some(change))?)
    }

    async fn update(
        connection: &mut Connection,
        call: &Call<Write>,
        id: PersonId,
        change: PersonChange,
    ) -> ApiResult<Person> {
        Ok(person_update(connection, call, id, None, change).await?)
    }

    async fn delete(connection: &mut Connection, call: &Call<Write>, id: PersonId) -> Outcome<()> {
        person_delete(connection, call, id).await
    }
}
