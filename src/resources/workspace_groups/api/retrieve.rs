//! `GET /v1/workspace-groups/{id}`: removed ones too.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{WORKSPACE_GROUP, group_found, group_id};
use crate::api::bearer::Caller;
use crate::api::conditions::Conditions;
use crate::api::error::Answer;
use crate::api::reply;
use crate::api::types::view_of;
use crate::resources::workspace_groups::ops::group_get;

pub async fn retrieve(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    conditions: Conditions,
) -> Answer<Response> {
    let id = group_id(&id)?;
    let view = view_of(raw.as_deref(), &WORKSPACE_GROUP)?;

    let mut connection = caller.connection().await?;
    let with = group_get(&mut connection, id, view.includes("created_by")).await?;
    drop(connection);

    Ok(reply::resource(group_found(with), &view, &conditions))
}
