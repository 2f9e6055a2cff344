//! `PATCH /v1/people/{id}`

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{PEOPLE, held, person_id, person_resource};
use crate::api::bearer::{Caller, Document};
use crate::api::conditions::Conditions;
use crate::api::error::Answer;
use crate::api::reply::{self, Found};
use crate::api::types::view_of;
use crate::api::{Connection, fields};
use crate::jsonapi::body::ResourceBody;
use crate::kernel::problem::Field;
use crate::kernel::text::{Email, NamePart};
use crate::resources::people::model::{Person, PersonChange};
use crate::resources::people::ops::person_update;

pub async fn update(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    conditions: Conditions,
    document: Document,
) -> Answer<Response> {
    let call = caller.write()?;
    let view = view_of(raw.as_deref(), &PEOPLE)?;
    let body = document.change(&PEOPLE, &id)?;
    let (id, change) = (person_id(&id)?, read(body)?);

    let mut work = caller.work().await?;
    conditions.check_unchanged(held(&mut work, id)).await?;
    let person = person_update(&mut work, &call, id, change).await?;
    work.commit().await?;

    Ok(reply::changed(Found::alone(person_resource(person)), &view))
}

/// The same as one operation of several.
pub async fn perform(
    connection: &mut Connection,
    caller: &Caller,
    id: &str,
    body: ResourceBody<'_>,
) -> Answer<Person> {
    let call = caller.write()?;
    let (id, change) = (person_id(id)?, read(body)?);
    Ok(person_update(connection, &call, id, change).await?)
}

fn read(mut body: ResourceBody<'_>) -> Answer<PersonChange> {
    let change = PersonChange {
        first_name: fields::optional(&mut body, Field::FirstName, NamePart::parse).over(None),
        last_name: fields::optional(&mut body, Field::LastName, NamePart::parse).over(None),
        email: fields::optional(&mut body, Field::Email, Email::parse),
    };
    Ok(body.finish(Some(change))?)
}
