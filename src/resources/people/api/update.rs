//! `PATCH /v1/people/{id}`

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{PEOPLE, held, person_id, person_resource};
use crate::api::auth::{Caller, Document};
use crate::api::error::Answer;
use crate::api::preconditions::Preconditions;
use crate::api::response;
use crate::api::response::Loaded;
use crate::api::{Connection, parse_attributes};
use crate::jsonapi::body::ResourceBody;
use crate::kernel::problem::Field;
use crate::kernel::text::{Email, NamePart};
use crate::registry::types::projection_of;
use crate::resources::people::model::{Person, PersonChange};
use crate::resources::people::ops::person_update;

pub async fn update(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
    document: Document,
) -> Answer<Response> {
    let call = caller.write()?;
    let projection = projection_of(raw.as_deref(), &PEOPLE)?;
    let body = document.change(&PEOPLE, &id)?;
    let (id, change) = (person_id(&id)?, read(body)?);

    let mut work = caller.work().await?;
    preconditions.check_unchanged(held(&mut work, id)).await?;
    let person = person_update(&mut work, &call, id, change).await?;
    work.commit().await?;

    Ok(response::changed(Loaded::alone(person_resource(person)), &projection))
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
        first_name: parse_attributes::optional(&mut body, Field::FirstName, NamePart::parse).over(None),
        last_name: parse_attributes::optional(&mut body, Field::LastName, NamePart::parse).over(None),
        email: parse_attributes::optional(&mut body, Field::Email, Email::parse),
    };
    Ok(body.finish(Some(change))?)
}
