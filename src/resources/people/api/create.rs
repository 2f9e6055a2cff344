//! `POST /v1/people`

use axum::extract::RawQuery;
use axum::response::Response;

use super::{PEOPLE, person_resource};
use crate::api::bearer::{Caller, Document};
use crate::api::error::Answer;
use crate::api::reply::{self, Found};
use crate::api::types::view_of;
use crate::api::{Connection, fields};
use crate::jsonapi::body::ResourceBody;
use crate::kernel::problem::Field;
use crate::kernel::text::{Email, Name};
use crate::resources::people::model::{NewPerson, Person};
use crate::resources::people::ops::person_create;

pub async fn create(caller: Caller, RawQuery(raw): RawQuery, document: Document) -> Answer<Response> {
    let call = caller.write()?;
    let view = view_of(raw.as_deref(), &PEOPLE)?;
    let body = document.creation(&PEOPLE)?;
    let new = read(body)?;

    let mut work = caller.work().await?;
    let person = person_create(&mut work, &call, &new).await?;
    work.commit().await?;

    Ok(reply::created(Found::alone(person_resource(person)), &view))
}

/// The same as one operation of several.
pub async fn perform(connection: &mut Connection, caller: &Caller, body: ResourceBody<'_>) -> Answer<Person> {
    let call = caller.write()?;
    Ok(person_create(connection, &call, &read(body)?).await?)
}

fn read(mut body: ResourceBody<'_>) -> Answer<NewPerson> {
    let first_name = fields::required(&mut body, Field::FirstName, Name::parse);
    let last_name = fields::required(&mut body, Field::LastName, Name::parse);
    let email = fields::optional(&mut body, Field::Email, Email::parse).over(None);
    let new = first_name.zip(last_name).map(|(first_name, last_name)| NewPerson {
        first_name: first_name.to_string(),
        last_name: last_name.to_string(),
        email,
    });
    Ok(body.finish(new)?)
}
