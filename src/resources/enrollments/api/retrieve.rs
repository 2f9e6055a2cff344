//! `GET /v1/workspace-group-workspaces/{id}`: live or removed.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{ENROLLMENT, enrollment_id, found};
use crate::api::bearer::Caller;
use crate::api::conditions::Conditions;
use crate::api::error::Answer;
use crate::api::reply;
use crate::api::types::view_of;

pub async fn retrieve(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    conditions: Conditions,
) -> Answer<Response> {
    let id = enrollment_id(&id)?;
    let view = view_of(raw.as_deref(), &ENROLLMENT)?;

    let mut connection = caller.connection().await?;
    let found = found(&mut connection, id, &view).await?;
    drop(connection);

    Ok(reply::resource(found, &view, &conditions))
}
