//! `GET /v1/workspace-group-workspaces/{id}`: live or removed.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{ENROLLMENT, enrollment_id, found};
use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::preconditions::Preconditions;
use crate::api::response;
use crate::registry::types::projection_of;

pub async fn retrieve(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
) -> Answer<Response> {
    let id = enrollment_id(&id)?;
    let projection = projection_of(raw.as_deref(), &ENROLLMENT)?;

    let mut connection = caller.connection().await?;
    let found = found(&mut connection, id, &projection).await?;
    drop(connection);

    Ok(response::resource(found, &projection, &preconditions))
}
