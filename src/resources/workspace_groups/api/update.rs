//! `PATCH /v1/workspace-groups/{id}`: rename.

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{WORKSPACE_GROUP, group_id, held, reload};
use crate::api::auth::{Caller, Document};
use crate::api::error::Answer;
use crate::api::preconditions::Preconditions;
use crate::api::{Connection, parse_attributes, response};
use crate::jsonapi::body::ResourceBody;
use crate::kernel::problem::Field;
use crate::kernel::text::Name;
use crate::registry::types::projection_of;
use crate::resources::workspace_groups::model::WorkspaceGroup;
use crate::resources::workspace_groups::ops::group_update;

pub async fn update(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
    document: Document,
) -> Answer<Response> {
    let call = caller.write()?;
    let projection = projection_of(raw.as_deref(), &WORKSPACE_GROUP)?;
    let body = document.change(&WORKSPACE_GROUP, &id)?;
    let (id, name) = (group_id(&id)?, read(body)?);

    let mut work = caller.work().await?;
    preconditions.check_unchanged(held(&mut work, id)).await?;
    let group = group_update(&mut work, &call, id, name).await?;
    let found = reload(&mut work, group, &projection).await?;
    work.commit().await?;

    Ok(response::changed(found, &projection))
}

/// The same as one operation of several.
pub async fn perform(
    connection: &mut Connection,
    caller: &Caller,
    id: &str,
    body: ResourceBody<'_>,
) -> Answer<WorkspaceGroup> {
    let call = caller.write()?;
    let (id, name) = (group_id(id)?, read(body)?);
    Ok(group_update(connection, &call, id, name).await?)
}

fn read(mut body: ResourceBody<'_>) -> Answer<Option<Name>> {
    let name = parse_attributes::optional(&mut body, Field::Name, Name::parse).over(None);
    Ok(body.finish(Some(name))?)
}
