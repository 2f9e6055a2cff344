//! `GET /v1/workspaces/{id}`: removed ones too.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{WORKSPACE, workspace_id, workspace_resource};
use crate::api::bearer::Caller;
use crate::api::error::Answer;
use crate::api::reply;
use crate::jsonapi::query::{Offered, Query};
use crate::resources::workspaces::ops::workspace_get;

pub async fn retrieve(caller: Caller, Path(id): Path<String>, RawQuery(raw): RawQuery) -> Answer<Response> {
    let id = workspace_id(&id)?;
    Query::parse(raw.as_deref(), Offered { declaration: &WORKSPACE, is_list: false })?
        .includes(&WORKSPACE)?;

    let mut connection = caller.connection().await?;
    let workspace = workspace_get(&mut connection, id).await?;

    Ok(reply::resource(workspace_resource(&workspace), None))
}
