//! `GET /v1/people/{id}`

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{PEOPLE, person_id, person_resource};
use crate::api::bearer::Caller;
use crate::api::conditions::Conditions;
use crate::api::error::Answer;
use crate::api::reply::{self, Found};
use crate::api::types::view_of;
use crate::resources::people::ops::person_get;

pub async fn retrieve(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    conditions: Conditions,
) -> Answer<Response> {
    let id = person_id(&id)?;
    let view = view_of(raw.as_deref(), &PEOPLE)?;

    let mut connection = caller.connection().await?;
    let person = person_get(&mut connection, id).await?;
    drop(connection);

    Ok(reply::resource(Found::alone(person_resource(person)), &view, &conditions))
}
