//! `PATCH /v1/workspaces/{id}`

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{WORKSPACE, held, workspace_id, workspace_resource};
use crate::api::auth::{Caller, Document};
use crate::api::error::Answer;
use crate::api::preconditions::Preconditions;
use crate::api::response;
use crate::api::response::Loaded;
use crate::api::{Connection, parse_attributes};
use crate::jsonapi::body::ResourceBody;
use crate::kernel::problem::Field;
use crate::kernel::text::{Description, Name, ShortText};
use crate::registry::types::projection_of;
use crate::resources::workspaces::model::{Workspace, WorkspaceChange};
use crate::resources::workspaces::ops::workspace_update;

pub async fn update(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    preconditions: Preconditions,
    document: Document,
) -> Answer<Response> {
    let call = caller.write()?;
    let projection = projection_of(raw.as_deref(), &WORKSPACE)?;
    let body = document.change(&WORKSPACE, &id)?;
    let (id, change) = (workspace_id(&id)?, read(body)?);

    let mut work = caller.work().await?;
    preconditions.check_unchanged(held(&mut work, id)).await?;
    let workspace = workspace_update(&mut work, &call, id, change).await?;
    work.commit().await?;

    Ok(response::changed(Loaded::alone(workspace_resource(workspace)), &projection))
}

/// The same as one operation of several.
pub async fn perform(
    connection: &mut Connection,
    caller: &Caller,
    id: &str,
    body: ResourceBody<'_>,
) -> Answer<Workspace> {
    let call = caller.write()?;
    let (id, change) = (workspace_id(id)?, read(body)?);
    Ok(workspace_update(connection, &call, id, change).await?)
}

fn read(mut body: ResourceBody<'_>) -> Answer<WorkspaceChange> {
    let change = WorkspaceChange {
        name: parse_attributes::optional(&mut body, Field::Name, Name::parse).over(None),
        description: parse_attributes::optional(&mut body, Field::Description, Description::parse),
        external_workspace_id: parse_attributes::optional(
            &mut body,
            Field::ExternalWorkspaceId,
            ShortText::parse,
        ),
        avatar_color: parse_attributes::optional(&mut body, Field::AvatarColor, ShortText::parse),
    };
    Ok(body.finish(Some(change))?)
}
