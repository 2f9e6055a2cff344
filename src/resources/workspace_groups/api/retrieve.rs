//! `GET /v1/workspace-groups/{id}`: removed ones too.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{WORKSPACE_GROUP, group_id, group_resource};
use crate::api::bearer::Caller;
use crate::api::error::Answer;
use crate::api::reply;
use crate::jsonapi::query::{Offered, Query};
use crate::resources::workspace_groups::ops::group_get;

pub async fn retrieve(caller: Caller, Path(id): Path<String>, RawQuery(raw): RawQuery) -> Answer<Response> {
    let id = group_id(&id)?;
    Query::parse(raw.as_deref(), Offered { declaration: &WORKSPACE_GROUP, is_list: false })?
        .includes(&WORKSPACE_GROUP)?;

    let mut connection = caller.connection().await?;
    let group = group_get(&mut connection, id).await?;

    Ok(reply::resource(group_resource(&group), None))
}
