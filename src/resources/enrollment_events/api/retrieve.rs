//! `GET /v1/enrollment-events/{id}`

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{EVENT, event_id, found, include_of};
use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::preconditions::Preconditions;
use crate::api::response;
use crate::registry::types::projection_of;
use crate::resources::enrollment_events::ops::event_get;

pub async fn retrieve(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
) -> Answer<Response> {
    let id = event_id(&id)?;
    let projection = projection_of(raw.as_deref(), &EVENT)?;

    let mut connection = caller.connection().await?;
    let with = event_get(&mut connection, id, include_of(&projection)).await?;
    drop(connection);

    Ok(response::resource(found(with), &projection, &preconditions))
}
