//! `GET /v1/workspaces/{id}`: removed ones too.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{WORKSPACE, workspace_id, workspace_resource};
use crate::api::auth::Caller;
use crate::api::error::Answer;
use crate::api::preconditions::Preconditions;
use crate::api::response;
use crate::api::response::Loaded;
use crate::registry::types::projection_of;
use crate::resources::workspaces::ops::workspace_get;

pub async fn retrieve(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
) -> Answer<Response> {
    let id = workspace_id(&id)?;
    let projection = projection_of(raw.as_deref(), &WORKSPACE)?;

    let mut connection = caller.connection().await?;
    let workspace = workspace_get(&mut connection, id).await?;
    drop(connection);

    Ok(response::resource(Loaded::alone(workspace_resource(workspace)), &projection, &preconditions))
}
