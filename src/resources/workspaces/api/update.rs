//! `PATCH /v1/workspaces/{id}`

use axum::extract::{Path, RawQuery};
use axum::response::Response;

use super::{WORKSPACE, held, workspace_id, workspace_resource};
use crate::api::bearer::{Caller, Document};
use crate::api::conditions::Conditions;
use crate::api::error::Answer;
use crate::api::reply::{self, Found};
use crate::api::types::view_of;
use crate::api::{Connection, fields};
use crate::jsonapi::body::ResourceBody;
use crate::kernel::problem::Field;
use crate::kernel::text::{Description, Name, Word};
use crate::resources::workspaces::model::{Workspace, WorkspaceChange};
use crate::resources::workspaces::ops::workspace_update;

pub async fn update(
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(raw): RawQuery,
    conditions: Conditions,
    document: Document,
) -> Answer<Response> {
    let call = caller.write()?;
    let view = view_of(raw.as_deref(), &WORKSPACE)?;
    let body = document.change(&WORKSPACE, &id)?;
    let (id, change) = (workspace_id(&id)?, read(body)?);

    let mut work = caller.work().await?;
    conditions.check_unchanged(held(&mut work, id)).await?;
    let workspace = workspace_update(&mut work, &call, id, change).await?;
    work.commit().await?;

    Ok(reply::changed(Found::alone(workspace_resource(workspace)), &view))
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
        name: fields::optional(&mut body, Field::Name, Name::parse).over(None),
        description: fields::optional(&mut body, Field::Description, Description::parse),
        external_workspace_id: fields::optional(&mut body, Field::ExternalWorkspaceId, Word::parse),
        avatar_color: fields::optional(&mut body, Field::AvatarColor, Word::parse),
    };
    Ok(body.finish(Some(change))?)
}
