//! `GET /v1/people/{id}`

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{PEOPLE, person_id, person_resource};
use crate::api::bearer::Caller;
use crate::api::error::Answer;
use crate::api::reply;
use crate::jsonapi::query::{Offered, Query};
use crate::resources::people::ops::person_get;

pub async fn retrieve(caller: Caller, Path(id): Path<String>, RawQuery(raw): RawQuery) -> Answer<Response> {
    let id = person_id(&id)?;
    Query::parse(raw.as_deref(), Offered { declaration: &PEOPLE, is_list: false })?.includes(&PEOPLE)?;

    let mut connection = caller.connection().await?;
    let person = person_get(&mut connection, id).await?;

    Ok(reply::resource(person_resource(&person), None))
}
