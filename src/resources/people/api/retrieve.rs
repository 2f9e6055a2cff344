//! `GET /v1/people/{id}`

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{PEOPLE, person_id, person_resource};
use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::preconditions::Preconditions;
use crate::api::response;
use crate::api::response::Loaded;
use crate::registry::types::projection_of;
use crate::resources::people::ops::person_get;

pub async fn retrieve(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
) -> Answer<Response> {
    let id = person_id(&id)?;
    let projection = projection_of(raw.as_deref(), &PEOPLE)?;

    let mut connection = caller.connection().await?;
    let person = person_get(&mut connection, id).await?;
    drop(connection);

    Ok(response::resource(Loaded::alone(person_resource(person)), &projection, &preconditions))
}
