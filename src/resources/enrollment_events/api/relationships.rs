//! `GET /v1/enrollment-events/{id}/relationships/{name}`: the linkage alone.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{EVENT, event_id, event_resource};
use crate::api::auth::Caller;
use crate::api::error::{Answer, no_relationship};
use crate::api::response;
use crate::jsonapi::document::Linkage;
use crate::registry::types::no_parameters;
use crate::resources::enrollment_events::model::EventInclude;
use crate::resources::enrollment_events::ops::event_get;

pub async fn retrieve(
    caller: Caller,
    Path((id, name)): Path<(String, String)>,
    RawQuery(raw): RawQuery,
) -> Answer<Response> {
    if !EVENT.has_relationship(&name) {
        return Err(no_relationship(&name, &EVENT).into());
    }
    let id = event_id(&id)?;
    no_parameters(raw.as_deref(), &EVENT)?;

    let mut connection = caller.connection().await?;
    let with = event_get(&mut connection, id, EventInclude::default()).await?;
    drop(connection);

    Ok(response::ok(&Linkage::of(&event_resource(with.event), &name)))
}
