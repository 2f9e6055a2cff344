//! `GET /v1/workspace-groups/{id}/relationships/created_by` and `…/{id}/created_by`.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{WORKSPACE_GROUP, group_id};
use crate::api::bearer::Caller;
use crate::api::error::Answer;
use crate::api::reply;
use crate::jsonapi::document::Linkage;
use crate::jsonapi::query::Query;
use crate::resources::people::api::{person_identifier, person_resource};
use crate::resources::people::ops::person_get;
use crate::resources::workspace_groups::ops::group_get;

/// The linkage alone.
pub async fn created_by_relationship(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
) -> Answer<Response> {
    let id = group_id(&id)?;
    Query::parse_none(raw.as_deref())?;
    let mut connection = caller.connection().await?;
    let group = group_get(&mut connection, id).await?;
    let path = format!("{}/{id}", WORKSPACE_GROUP.base);
    Ok(reply::ok(&Linkage::new(&path, "created_by", group.created_by.map(person_identifier))))
}

/// The person.
pub async fn created_by(caller: Caller, Path(id): Path<String>, RawQuery(raw): RawQuery) -> Answer<Response> {
    let id = group_id(&id)?;
    Query::parse_none(raw.as_deref())?;
    let mut connection = caller.connection().await?;
    let group = group_get(&mut connection, id).await?;
    let person = match group.created_by {
        Some(person) => Some(person_get(&mut connection, person).await?),
        None => None,
    };
    let address = format!("{}/{id}/created_by", WORKSPACE_GROUP.base);
    Ok(reply::resource_at(address, person.as_ref().map(person_resource), None))
}
