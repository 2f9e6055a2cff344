//! `POST /v1/people`

use axum::extract::RawQuery;
use axum::response::Response;

use super::{PEOPLE, person_resource};
use crate::api::auth::{Caller, Document};
use crate::api::error::Answer;
use crate::api::response;
use crate::api::response::Loaded;
use crate::api::{Connection, parse_attributes};
use crate::jsonapi::body::ResourceBody;
use crate::kernel::problem::Field;
use crate::kernel::text::{Email, NamePart, TextFault};
use crate::registry::types::projection_of;
use crate::resources::people::model::{NewPerson, Person, is_named};
use crate::resources::people::ops::person_create;

pub async fn create(caller: Caller, RawQuery(raw): RawQuery, document: Document) -> Answer<Response> {
    let call = caller.write()?;
    let projection = projection_of(raw.as_deref(), &PEOPLE)?;
    let body = document.creation(&PEOPLE)?;
    let new = read(body)?;

    let mut work = caller.work().await?;
    let person = person_create(&mut work, &call, &new).await?;
    work.commit().await?;

    Ok(response::created(Loaded::alone(person_resource(person)), &projection))
}

/// The same as one operation of several.
pub async fn perform(connection: &mut Connection, caller: &Caller, body: ResourceBody<'_>) -> Answer<Person> {
    let call = caller.write()?;
    Ok(person_create(connection, &call, &read(body)?).await?)
}

fn read(mut body: ResourceBody<'_>) -> Answer<NewPerson> {
    let mut name = |field| parse_attributes::read_or_default(&mut body, field, NamePart::parse);
    let (first_name, last_name) = (name(Field::FirstName), name(Field::LastName));
    if let Some((first_name, last_name)) = first_name.as_ref().zip(last_name.as_ref())
        && !is_named(first_name.as_str(), last_name.as_str())
    {
        parse_attributes::refuse(&mut body, &[Field::FirstName, Field::LastName], TextFault::Nameless);
    }
    let email = parse_attributes::optional(&mut body, Field::Email, Email::parse).over(None);
    let new = first_name.zip(last_name).map(|(first_name, last_name)| NewPerson {
        first_name: first_name.as_str().to_owned(),
        last_name: last_name.as_str().to_owned(),
        email,
    });
    Ok(body.finish(new)?)
}
