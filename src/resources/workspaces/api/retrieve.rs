//! `GET /v1/workspaces/{id}`: removed ones too.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{WORKSPACE, workspace_id, workspace_resource};
use crate::api::bearer::Caller;
use crate::api::conditions::Conditions;
use crate::api::error::Answer;
use crate::api::reply::{self, Found};
use crate::api::types::view_of;
use crate::resources::workspaces::ops::workspace_get;

pub async fn retrieve(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    conditions: Conditions,
) -> Answer<Response> {
    let id = workspace_id(&id)?;
    let view = view_of(raw.as_deref(), &WORKSPACE)?;

    let mut connection = caller.connection().await?;
    let workspace = workspace_get(&mut connection, id).await?;
    drop(connection);

    Ok(reply::resource(Found::alone(workspace_resource(workspace)), &view, &conditions))
}
