//! `GET /v1/workspace-groups/{id}`: removed ones too.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{WORKSPACE_GROUP, group_found, group_id};
use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::preconditions::Preconditions;
use crate::api::response;
use crate::registry::types::projection_of;
use crate::resources::workspace_groups::ops::group_get;

pub async fn retrieve(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
) -> Answer<Response> {
    let id = group_id(&id)?;
    let projection = projection_of(raw.as_deref(), &WORKSPACE_GROUP)?;

    let mut connection = caller.connection().await?;
    let with = group_get(&mut connection, id, projection.includes("created_by")).await?;
    drop(connection);

    Ok(response::resource(group_found(with), &projection, &preconditions))
}
