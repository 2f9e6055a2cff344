//! `GET /v1/enrollment-events/{id}`

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{EVENT, event_id, found, include_of};
use crate::api::bearer::Caller;
use crate::api::conditions::Conditions;
use crate::api::error::Answer;
use crate::api::reply;
use crate::api::types::view_of;
use crate::resources::enrollment_events::ops::event_get;

pub async fn retrieve(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    conditions: Conditions,
) -> Answer<Response> {
    let id = event_id(&id)?;
    let view = view_of(raw.as_deref(), &EVENT)?;

    let mut connection = caller.connection().await?;
    let with = event_get(&mut connection, id, include_of(&view)).await?;
    drop(connection);

    Ok(reply::resource(found(with), &view, &conditions))
}
